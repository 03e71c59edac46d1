using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ILGPU;
using ILGPU.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>Sixteen numbers as two vectors of 256 bits.</summary>
internal readonly unsafe struct TwoOf256(Vector256<float> lower, Vector256<float> upper) : ISixteen<TwoOf256>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    private const int Half = 8;

    private readonly Vector256<float> lower = lower, upper = upper;

    /// <inheritdoc/>
    public static int Width => 2 * Half;

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 Of(Vector256<float> lower, Vector256<float> upper) => new(lower, upper);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 Fill(float value)
    {
        Vector256<float> both = Vector256.Create(value);
        return new(both, both);
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 CountFrom(int start) => new(Halves.CountFrom(start), Halves.CountFrom(start + Half));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 Load(float* at) => new(Vector256.Load(at), Vector256.Load(at + Half));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void Store(TwoOf256 value, float* at)
    {
        value.lower.Store(at);
        value.upper.Store(at + Half);
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 LoadPart(float* at, int count, float filler) => count >= Width ? Load(at) : Halves.LoadPart(at, count, filler);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void StorePart(TwoOf256 value, float* at, int count)
    {
        if (count >= Width)
            Store(value, at);
        else
            Halves.StorePart(value.lower, value.upper, at, count);
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 Load(ArrayView<float> row, int start) => Load((float*)row.LoadEffectiveAddressAsPtr() + start);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void Store(TwoOf256 value, ArrayView<float> row, int start) => Store(value, (float*)row.LoadEffectiveAddressAsPtr() + start);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 LoadPart(ArrayView<float> row, int start, int count, float filler) => LoadPart((float*)row.LoadEffectiveAddressAsPtr() + start, count, filler);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void StorePart(TwoOf256 value, ArrayView<float> row, int start, int count) => StorePart(value, (float*)row.LoadEffectiveAddressAsPtr() + start, count);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 Part(TwoOf256 value, int count) => new(value.lower & Halves.Among(count), value.upper & Halves.Among(count - Half));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 RandomBits(RandomRow row, int column) => SixteenBits.OfRow<TwoOf256>(row, column);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 operator +(TwoOf256 a, TwoOf256 b) => new(a.lower + b.lower, a.upper + b.upper);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 operator -(TwoOf256 a, TwoOf256 b) => new(a.lower - b.lower, a.upper - b.upper);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 operator *(TwoOf256 a, TwoOf256 b) => new(a.lower * b.lower, a.upper * b.upper);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 operator /(TwoOf256 a, TwoOf256 b) => new(a.lower / b.lower, a.upper / b.upper);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 Sqrt(TwoOf256 a) => new(Vector256.Sqrt(a.lower), Vector256.Sqrt(a.upper));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 MultiplyAdd(TwoOf256 a, TwoOf256 b, TwoOf256 c) => new(Vector256.FusedMultiplyAdd(a.lower, b.lower, c.lower), Vector256.FusedMultiplyAdd(a.upper, b.upper, c.upper));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 Max(TwoOf256 a, TwoOf256 b) => new(Halves.Max(a.lower, b.lower), Halves.Max(a.upper, b.upper));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 Min(TwoOf256 a, TwoOf256 b) => new(Halves.Min(a.lower, b.lower), Halves.Min(a.upper, b.upper));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 PowerOfTwo(TwoOf256 shifted) => new(Halves.PowerOfTwo(shifted.lower), Halves.PowerOfTwo(shifted.upper));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 Exponent(TwoOf256 value) => new(Vector256.ConvertToSingle(Halves.Exponents(value.lower)), Vector256.ConvertToSingle(Halves.Exponents(value.upper)));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 Mantissa(TwoOf256 value) => new(Halves.Mantissa(value.lower), Halves.Mantissa(value.upper));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 WherePositive(TwoOf256 test, TwoOf256 value, TwoOf256 otherwise) => new(Halves.WherePositive(test.lower, value.lower, otherwise.lower), Halves.WherePositive(test.upper, value.upper, otherwise.upper));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 WhereEqual(TwoOf256 a, TwoOf256 b, TwoOf256 value, TwoOf256 otherwise) => new(Vector256.ConditionalSelect(Vector256.Equals(a.lower, b.lower), value.lower, otherwise.lower), Vector256.ConditionalSelect(Vector256.Equals(a.upper, b.upper), value.upper, otherwise.upper));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 SwapOnes(TwoOf256 value) => new(Vector256.Shuffle(value.lower, Vector256.Create(1, 0, 3, 2, 5, 4, 7, 6)), Vector256.Shuffle(value.upper, Vector256.Create(1, 0, 3, 2, 5, 4, 7, 6)));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 SwapTwos(TwoOf256 value) => new(Vector256.Shuffle(value.lower, Vector256.Create(2, 3, 0, 1, 6, 7, 4, 5)), Vector256.Shuffle(value.upper, Vector256.Create(2, 3, 0, 1, 6, 7, 4, 5)));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static TwoOf256 SwapFours(TwoOf256 value) => new(Vector256.Shuffle(value.lower, Vector256.Create(4, 5, 6, 7, 0, 1, 2, 3)), Vector256.Shuffle(value.upper, Vector256.Create(4, 5, 6, 7, 0, 1, 2, 3)));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static float First(TwoOf256 value) => value.lower.ToScalar();

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static float Sum(TwoOf256 value) => Halves.Sum(value.lower + value.upper);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static float Largest(TwoOf256 value) => Halves.Largest(value.lower, value.upper);
}
