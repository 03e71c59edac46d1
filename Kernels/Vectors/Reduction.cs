using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace IlgpuVae.Kernels;

/// <summary>Sums and maxima over sixteen numbers, in one order whatever vectors they came in.</summary>
internal static class Reduction
{
    /// <summary>The sum of eight numbers, themselves the sums of two halves: of their halves, and of the pairs that are left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float Sum(Vector256<float> eight)
    {
        Vector128<float> four = eight.GetLower() + eight.GetUpper();
        return (four[0] + four[1]) + (four[2] + four[3]);
    }

    /// <summary>The largest of two halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float Largest(Vector256<float> lower, Vector256<float> upper)
    {
        Vector256<float> eight = Vector256.ConditionalSelect(Vector256.GreaterThan(lower, upper), lower, upper);
        Vector128<float> first = eight.GetLower(), second = eight.GetUpper();
        Vector128<float> four = Vector128.ConditionalSelect(Vector128.GreaterThan(first, second), first, second);
        Vector128<float> other = Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1));
        four = Vector128.ConditionalSelect(Vector128.GreaterThan(four, other), four, other);
        other = Vector128.Shuffle(four, Vector128.Create(1, 0, 3, 2));
        return Vector128.ConditionalSelect(Vector128.GreaterThan(four, other), four, other).ToScalar();
    }
}
