using System.Runtime.CompilerServices;

namespace IlgpuVae.Kernels;

/// <summary>
/// Kahan's sum of terms that are not below 0: what rounding takes from a sum is kept beside it and given back with the next term. Of 65,536 terms that are each
/// too small to move a float32 sum, all together count; without it none does.
/// </summary>
/// <remarks>
/// No compiler may take (s + x) - s for x: .NET and PTX never do, and OpenCL only with options that nothing here sets. Multiply-adds do no harm.
/// W. Kahan, "Further remarks on reducing truncation errors", CACM 1965.
/// </remarks>
internal static class CompensatedSum
{
    /// <summary>Adds <paramref name="term"/> to <paramref name="sum"/>; <paramref name="excess"/>, 0 at first, is what the sum has too much.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Add<T>(ref T sum, ref T excess, T term)
        where T : struct, IRows<T>
    {
        T added = term - excess, next = sum + added;
        excess = next - sum - added;
        sum = next;
    }

    /// <summary>The same of one number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Add(ref float sum, ref float excess, float term)
    {
        float added = term - excess, next = sum + added;
        excess = next - sum - added;
        sum = next;
    }
}
