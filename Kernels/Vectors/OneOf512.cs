using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using ILGPU;
using ILGPU.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>Sixteen numbers as one vector of 512 bits.</summary>
internal unsafe struct OneOf512 : ISixteen<OneOf512>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    // Set by initialisers, not by a constructor: a call more for every operation is too much for .NET's compiler to inline.
    private Vector512<float> v;

    /// <inheritdoc/>
    public static int Width => 16;

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static OneOf512 Of(Vector256<float> lower, Vector256<float> upper) => new() { v = Vector512.Create(lower, upper) };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static OneOf512 Fill(float value) => new() { v = Vector512.Create(value) };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static OneOf512 CountFrom(int start) => new() { v = Vector512.ConvertToSingle(Vector512<int>.Indices + Vector512.Create(start)) };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static OneOf512 Load(float* at) => new() { v = Vector512.Load(at) };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void Store(OneOf512 value, float* at) => value.v.Store(at);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static OneOf512 LoadPart(float* at, int count, float filler)
    {
        if (count >= Width)
            return Load(at);
        Vector512<float> among = Among(count);
        return new() { v = Vector512.ConditionalSelect(among, Avx512F.MaskLoad(at, among, Vector512<float>.Zero), Vector512.Create(filler)) };
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void StorePart(OneOf512 value, float* at, int count)
    {
        if (count >= Width)
            Store(value, at);
        else
            Avx512F.MaskStore(at, Among(count), value.v);
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static OneOf512 Load(ArrayView<float> row, int start) => Load((float*)row.LoadEffectiveAddressAsPtr() + start);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void Store(OneOf512 value, ArrayView<float> row, int start) => Store(value, (float*)row.LoadEffectiveAddressAsPtr() + start);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static OneOf512 LoadPart(ArrayView<float> row, int start, int count, float filler) =>
        LoadPart((float*)row.LoadEffectiveAddressAsPtr() + start, count, filler);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void StorePart(OneOf512 value, ArrayView<float> row, int start, int count) =>
        StorePart(value, (float*)row.LoadEffectiveAddressAsPtr() + start, count);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static OneOf512 Part(OneOf512 value, int count) => new() { v = value.v & Among(count) };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static OneOf512 RandomWords(RandomRow row, int column) => SixteenWords.OfRow<OneOf512>(row, column);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static OneOf512 operator +(OneOf512 a, OneOf512 b) => new() { v = a.v + b.v };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static OneOf512 operator -(OneOf512 a, OneOf512 b) => new() { v = a.v - b.v };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static OneOf512 operator *(OneOf512 a, OneOf512 b) => new() { v = a.v * b.v };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static OneOf512 operator /(OneOf512 a, OneOf512 b) => new() { v = a.v / b.v };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static OneOf512 Sqrt(OneOf512 a) => new() { v = Vector512.Sqrt(a.v) };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static OneOf512 MultiplyAdd(OneOf512 a, OneOf512 b, OneOf512 c) => new() { v = Vector512.FusedMultiplyAdd(a.v, b.v, c.v) };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static OneOf512 Max(OneOf512 a, OneOf512 b) => new() { v = Vector512.ConditionalSelect(Vector512.GreaterThan(a.v, b.v), a.v, b.v) };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static OneOf512 Min(OneOf512 a, OneOf512 b) => new() { v = Vector512.ConditionalSelect(Vector512.LessThan(a.v, b.v), a.v, b.v) };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static OneOf512 PowerOfTwo(OneOf512 shifted) => new()
    {
        v = ((shifted.v.AsInt32() - Vector512.Create(FloatBits.RoundingShiftBits - FloatBits.ExponentBias)) << FloatBits.MantissaBits).AsSingle(),
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static OneOf512 Exponent(OneOf512 value) => new() { v = Vector512.ConvertToSingle(Exponents(value)) };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static OneOf512 Mantissa(OneOf512 value) => new() { v = (value.v.AsInt32() - (Exponents(value) << FloatBits.MantissaBits)).AsSingle() };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static OneOf512 WherePositive(OneOf512 test, OneOf512 value, OneOf512 otherwise) => new()
    {
        v = Vector512.ConditionalSelect(Vector512.GreaterThan(test.v, Vector512<float>.Zero), value.v, otherwise.v),
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static OneOf512 WhereEqual(OneOf512 a, OneOf512 b, OneOf512 value, OneOf512 otherwise) => new()
    {
        v = Vector512.ConditionalSelect(Vector512.Equals(a.v, b.v), value.v, otherwise.v),
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static OneOf512 SwapOnes(OneOf512 value) => new()
    {
        v = Vector512.Shuffle(value.v, Vector512.Create(1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14)),
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static OneOf512 SwapTwos(OneOf512 value) => new()
    {
        v = Vector512.Shuffle(value.v, Vector512.Create(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)),
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static OneOf512 SwapFours(OneOf512 value) => new()
    {
        v = Vector512.Shuffle(value.v, Vector512.Create(4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11)),
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static float First(OneOf512 value) => value.v.ToScalar();

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static float Sum(OneOf512 value) => Reduction.Sum(value.v.GetLower() + value.v.GetUpper());

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static float Largest(OneOf512 value) => Reduction.Largest(value.v.GetLower(), value.v.GetUpper());

    [MethodImpl(Inline)]
    private static Vector512<float> Among(int count) => Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(count)).AsSingle();

    [MethodImpl(Inline)]
    private static Vector512<int> Exponents(OneOf512 value) => (value.v.AsInt32() - Vector512.Create(FloatBits.SmallestMantissa)) >> FloatBits.MantissaBits;
}
