using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace IlgpuVae.Kernels;

/// <summary>What is done to the halves of sixteen numbers.</summary>
internal static unsafe class Halves
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    private const int Half = 8;

    [MethodImpl(Inline)]
    internal static Vector256<float> CountFrom(int start) => Vector256.ConvertToSingle(Vector256<int>.Indices + Vector256.Create(start));

    /// <summary>All bits at the first <paramref name="count"/> places.</summary>
    [MethodImpl(Inline)]
    internal static Vector256<float> Among(int count) => Vector256.LessThan(Vector256<int>.Indices, Vector256.Create(count)).AsSingle();

    [MethodImpl(Inline)]
    internal static Vector256<float> Max(Vector256<float> a, Vector256<float> b) => Vector256.ConditionalSelect(Vector256.GreaterThan(a, b), a, b);

    [MethodImpl(Inline)]
    internal static Vector256<float> Min(Vector256<float> a, Vector256<float> b) => Vector256.ConditionalSelect(Vector256.LessThan(a, b), a, b);

    [MethodImpl(Inline)]
    internal static Vector256<float> PowerOfTwo(Vector256<float> shifted) =>
        ((shifted.AsInt32() - Vector256.Create(FloatBits.RoundingShiftBits - FloatBits.ExponentBias)) << FloatBits.MantissaBits).AsSingle();

    [MethodImpl(Inline)]
    internal static Vector256<int> Exponents(Vector256<float> value) => (value.AsInt32() - Vector256.Create(FloatBits.SmallestMantissa)) >> FloatBits.MantissaBits;

    [MethodImpl(Inline)]
    internal static Vector256<float> Mantissa(Vector256<float> value) => (value.AsInt32() - (Exponents(value) << FloatBits.MantissaBits)).AsSingle();

    [MethodImpl(Inline)]
    internal static Vector256<float> WherePositive(Vector256<float> test, Vector256<float> value, Vector256<float> otherwise) =>
        Vector256.ConditionalSelect(Vector256.GreaterThan(test, Vector256<float>.Zero), value, otherwise);

    /// <summary>The sum of eight numbers: of the halves, of their halves, and of the pairs that are left.</summary>
    [MethodImpl(Inline)]
    internal static float Sum(Vector256<float> eight)
    {
        Vector128<float> four = eight.GetLower() + eight.GetUpper();
        return (four[0] + four[1]) + (four[2] + four[3]);
    }

    [MethodImpl(Inline)]
    internal static float Largest(Vector256<float> lower, Vector256<float> upper)
    {
        Vector256<float> eight = Max(lower, upper);
        Vector128<float> four = Vector128.ConditionalSelect(Vector128.GreaterThan(eight.GetLower(), eight.GetUpper()), eight.GetLower(), eight.GetUpper());
        return Larger(Larger(four[0], four[1]), Larger(four[2], four[3]));
    }

    /// <summary>The first <paramref name="count"/> of sixteen numbers, fewer than all, and <paramref name="filler"/> behind them.</summary>
    [MethodImpl(Inline)]
    internal static TwoOf256 LoadPart(float* at, int count, float filler)
    {
        if (!Avx.IsSupported)
            return LoadPartByMemory(at, count, filler);
        Vector256<float> first = Among(count), second = Among(count - Half), rest = Vector256.Create(filler);
        return new(Vector256.ConditionalSelect(first, Avx.MaskLoad(at, first), rest), Vector256.ConditionalSelect(second, Avx.MaskLoad(at + Half, second), rest));
    }

    /// <summary>Writes the first <paramref name="count"/> of sixteen numbers, fewer than all.</summary>
    [MethodImpl(Inline)]
    internal static void StorePart(Vector256<float> lower, Vector256<float> upper, float* at, int count)
    {
        if (!Avx.IsSupported)
        {
            StorePartByMemory(lower, upper, at, count);
            return;
        }

        Avx.MaskStore(at, Among(count), lower);
        Avx.MaskStore(at + Half, Among(count - Half), upper);
    }

    // A processor without masked accesses goes through the stack.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static TwoOf256 LoadPartByMemory(float* at, int count, float filler)
    {
        float* all = stackalloc float[2 * Half];
        for (int i = 0; i < 2 * Half; i++)
            all[i] = i < count ? at[i] : filler;
        return TwoOf256.Load(all);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void StorePartByMemory(Vector256<float> lower, Vector256<float> upper, float* at, int count)
    {
        float* all = stackalloc float[2 * Half];
        lower.Store(all);
        upper.Store(all + Half);
        for (int i = 0; i < count; i++)
            at[i] = all[i];
    }

    [MethodImpl(Inline)]
    private static float Larger(float a, float b) => b < a ? a : b;
}
