using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using ILGPU;
using ILGPU.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>Sixteen numbers as two vectors of 256 bits.</summary>
internal unsafe struct TwoOf256 : ISixteen<TwoOf256>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    private const int Half = 8;

    // Set by initialisers, not by a constructor: a call more for every operation is too much for .NET's compiler to inline.
    private Vector256<float> lower, upper;

    /// <inheritdoc/>
    public static int Width => 2 * Half;

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 Of(Vector256<float> lower, Vector256<float> upper) => new() { lower = lower, upper = upper };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 Fill(float value)
    {
        Vector256<float> both = Vector256.Create(value);
        return new() { lower = both, upper = both };
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 CountFrom(int start) => new()
    {
        lower = Vector256.ConvertToSingle(Vector256<int>.Indices + Vector256.Create(start)),
        upper = Vector256.ConvertToSingle(Vector256<int>.Indices + Vector256.Create(start + Half)),
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 Load(float* at) => new() { lower = Vector256.Load(at), upper = Vector256.Load(at + Half) };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void Store(TwoOf256 value, float* at)
    {
        value.lower.Store(at);
        value.upper.Store(at + Half);
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 LoadPart(float* at, int count, float filler)
    {
        if (count >= Width)
            return Load(at);
        if (!Avx.IsSupported)
            return LoadPartByMemory(at, count, filler);
        Vector256<float> first = Vector256.LessThan(Vector256<int>.Indices, Vector256.Create(count)).AsSingle();
        Vector256<float> second = Vector256.LessThan(Vector256<int>.Indices, Vector256.Create(count - Half)).AsSingle();
        return new()
        {
            lower = Vector256.ConditionalSelect(first, Avx.MaskLoad(at, first), Vector256.Create(filler)),
            upper = Vector256.ConditionalSelect(second, Avx.MaskLoad(at + Half, second), Vector256.Create(filler)),
        };
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void StorePart(TwoOf256 value, float* at, int count)
    {
        if (count >= Width)
            Store(value, at);
        else
            StorePieces(value, at, count);
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 Load(ArrayView<float> row, int start) => Load((float*)row.LoadEffectiveAddressAsPtr() + start);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void Store(TwoOf256 value, ArrayView<float> row, int start) => Store(value, (float*)row.LoadEffectiveAddressAsPtr() + start);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 LoadPart(ArrayView<float> row, int start, int count, float filler) =>
        LoadPart((float*)row.LoadEffectiveAddressAsPtr() + start, count, filler);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void StorePart(TwoOf256 value, ArrayView<float> row, int start, int count) =>
        StorePart(value, (float*)row.LoadEffectiveAddressAsPtr() + start, count);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 Part(TwoOf256 value, int count) => new()
    {
        lower = value.lower & Vector256.LessThan(Vector256<int>.Indices, Vector256.Create(count)).AsSingle(),
        upper = value.upper & Vector256.LessThan(Vector256<int>.Indices, Vector256.Create(count - Half)).AsSingle(),
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 RandomWords(RandomRow row, int column) => SixteenWords.OfRow<TwoOf256>(row, column);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 operator +(TwoOf256 a, TwoOf256 b) => new() { lower = a.lower + b.lower, upper = a.upper + b.upper };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 operator -(TwoOf256 a, TwoOf256 b) => new() { lower = a.lower - b.lower, upper = a.upper - b.upper };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 operator *(TwoOf256 a, TwoOf256 b) => new() { lower = a.lower * b.lower, upper = a.upper * b.upper };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 operator /(TwoOf256 a, TwoOf256 b) => new() { lower = a.lower / b.lower, upper = a.upper / b.upper };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 Sqrt(TwoOf256 a) => new() { lower = Vector256.Sqrt(a.lower), upper = Vector256.Sqrt(a.upper) };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 MultiplyAdd(TwoOf256 a, TwoOf256 b, TwoOf256 c) => new()
    {
        lower = Vector256.FusedMultiplyAdd(a.lower, b.lower, c.lower),
        upper = Vector256.FusedMultiplyAdd(a.upper, b.upper, c.upper),
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 Max(TwoOf256 a, TwoOf256 b) => new()
    {
        lower = Vector256.ConditionalSelect(Vector256.GreaterThan(a.lower, b.lower), a.lower, b.lower),
        upper = Vector256.ConditionalSelect(Vector256.GreaterThan(a.upper, b.upper), a.upper, b.upper),
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 Min(TwoOf256 a, TwoOf256 b) => new()
    {
        lower = Vector256.ConditionalSelect(Vector256.LessThan(a.lower, b.lower), a.lower, b.lower),
        upper = Vector256.ConditionalSelect(Vector256.LessThan(a.upper, b.upper), a.upper, b.upper),
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 PowerOfTwo(TwoOf256 shifted)
    {
        Vector256<int> bias = Vector256.Create(FloatBits.RoundingShiftBits - FloatBits.ExponentBias);
        return new()
        {
            lower = ((shifted.lower.AsInt32() - bias) << FloatBits.MantissaBits).AsSingle(),
            upper = ((shifted.upper.AsInt32() - bias) << FloatBits.MantissaBits).AsSingle(),
        };
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 Exponent(TwoOf256 value)
    {
        Vector256<int> smallest = Vector256.Create(FloatBits.SmallestMantissa);
        return new()
        {
            lower = Vector256.ConvertToSingle((value.lower.AsInt32() - smallest) >> FloatBits.MantissaBits),
            upper = Vector256.ConvertToSingle((value.upper.AsInt32() - smallest) >> FloatBits.MantissaBits),
        };
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 Mantissa(TwoOf256 value)
    {
        Vector256<int> smallest = Vector256.Create(FloatBits.SmallestMantissa), lower = value.lower.AsInt32(), upper = value.upper.AsInt32();
        return new()
        {
            lower = (lower - (((lower - smallest) >> FloatBits.MantissaBits) << FloatBits.MantissaBits)).AsSingle(),
            upper = (upper - (((upper - smallest) >> FloatBits.MantissaBits) << FloatBits.MantissaBits)).AsSingle(),
        };
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 WherePositive(TwoOf256 test, TwoOf256 value, TwoOf256 otherwise) => new()
    {
        lower = Vector256.ConditionalSelect(Vector256.GreaterThan(test.lower, Vector256<float>.Zero), value.lower, otherwise.lower),
        upper = Vector256.ConditionalSelect(Vector256.GreaterThan(test.upper, Vector256<float>.Zero), value.upper, otherwise.upper),
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 WhereEqual(TwoOf256 a, TwoOf256 b, TwoOf256 value, TwoOf256 otherwise) => new()
    {
        lower = Vector256.ConditionalSelect(Vector256.Equals(a.lower, b.lower), value.lower, otherwise.lower),
        upper = Vector256.ConditionalSelect(Vector256.Equals(a.upper, b.upper), value.upper, otherwise.upper),
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 SwapOnes(TwoOf256 value) => new()
    {
        lower = Vector256.Shuffle(value.lower, Vector256.Create(1, 0, 3, 2, 5, 4, 7, 6)),
        upper = Vector256.Shuffle(value.upper, Vector256.Create(1, 0, 3, 2, 5, 4, 7, 6)),
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 SwapTwos(TwoOf256 value) => new()
    {
        lower = Vector256.Shuffle(value.lower, Vector256.Create(2, 3, 0, 1, 6, 7, 4, 5)),
        upper = Vector256.Shuffle(value.upper, Vector256.Create(2, 3, 0, 1, 6, 7, 4, 5)),
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 SwapFours(TwoOf256 value) => new()
    {
        lower = Vector256.Shuffle(value.lower, Vector256.Create(4, 5, 6, 7, 0, 1, 2, 3)),
        upper = Vector256.Shuffle(value.upper, Vector256.Create(4, 5, 6, 7, 0, 1, 2, 3)),
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static float First(TwoOf256 value) => value.lower.ToScalar();

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static float Sum(TwoOf256 value) => Reduction.Sum(value.lower + value.upper);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static float Largest(TwoOf256 value) => Reduction.Largest(value.lower, value.upper);

    // A processor without masked loads goes through the stack.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static TwoOf256 LoadPartByMemory(float* at, int count, float filler)
    {
        float* all = stackalloc float[Width];
        for (int i = 0; i < Width; i++)
            all[i] = i < count ? at[i] : filler;
        return Load(all);
    }

    // Pieces of eight, four, two and one: masked stores take AMD's processors many times as long.
    [MethodImpl(Inline)]
    private static void StorePieces(TwoOf256 value, float* at, int count)
    {
        Vector256<float> eight = value.lower;
        if ((count & 8) != 0)
        {
            eight.Store(at);
            at += 8;
            eight = value.upper;
        }

        Vector128<float> four = eight.GetLower();
        if ((count & 4) != 0)
        {
            four.Store(at);
            at += 4;
            four = eight.GetUpper();
        }

        if ((count & 2) != 0)
        {
            *(double*)at = four.AsDouble().ToScalar();
            at += 2;
            four = Vector128.Shuffle(four, Vector128.Create(2, 3, 2, 3));
        }

        if ((count & 1) != 0)
            *at = four.ToScalar();
    }
}
