using System.Runtime.CompilerServices;
using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>A vector of one element: neighbouring lanes of a group take neighbouring elements.</summary>
internal struct Scalar : IVector<Scalar>
{
    private float x;

    /// <inheritdoc/>
    public static int Width => 1;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Scalar Fill(float value)
    {
        Scalar r;
        r.x = value;
        return r;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Scalar CountFrom(int start) => Fill(start);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Scalar Load(ArrayView<float> row, int start) => Fill(row[start]);

    /// <inheritdoc/>
    public static void Store(Scalar value, ArrayView<float> row, int start) => row[start] = value.x;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Scalar LoadPart(ArrayView<float> row, int start, int count, float filler) => Load(row, start);

    /// <inheritdoc/>
    public static void StorePart(Scalar value, ArrayView<float> row, int start, int count) => Store(value, row, start);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Scalar Part(Scalar value, int count) => value;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Scalar RandomWords(RandomRow row, int column) => Fill(Philox.Signed(Philox.Word(row.Block(column / 4), column % 4)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Scalar operator +(Scalar a, Scalar b) => Fill(a.x + b.x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Scalar operator -(Scalar a, Scalar b) => Fill(a.x - b.x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Scalar operator *(Scalar a, Scalar b) => Fill(a.x * b.x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Scalar operator /(Scalar a, Scalar b) => Fill(a.x / b.x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Scalar Sqrt(Scalar a) => Fill(MathF.Sqrt(a.x));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Scalar MultiplyAdd(Scalar a, Scalar b, Scalar c) => Fill(FusedMultiplyAdd.Compute(a.x, b.x, c.x));

    /// <inheritdoc/>
    /// <remarks>
    /// Not a &gt; b: where a is a constant, ILGPU moves it to the right of the comparison and wrongly makes that unordered, and on CUDA what is not a number
    /// becomes the constant. Here the constant stands on the right from the start; a constant as b would bring the fault back. See Kernels/PTX-TRAPS.md.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Scalar Max(Scalar a, Scalar b) => Fill(b.x < a.x ? a.x : b.x);

    /// <inheritdoc/>
    /// <remarks>As <see cref="Max"/>.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Scalar Min(Scalar a, Scalar b) => Fill(b.x > a.x ? a.x : b.x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Scalar PowerOfTwo(Scalar shifted) => Fill(FloatBits.PowerOfTwo(shifted.x));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Scalar Exponent(Scalar value) => Fill(FloatBits.Exponent(value.x));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Scalar Mantissa(Scalar value) => Fill(FloatBits.Mantissa(value.x));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Scalar WherePositive(Scalar test, Scalar value, Scalar otherwise) => Fill(test.x > 0f ? value.x : otherwise.x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Scalar WhereEqual(Scalar a, Scalar b, Scalar value, Scalar otherwise) => Fill(a.x == b.x ? value.x : otherwise.x);

    /// <inheritdoc/>
    public static float First(Scalar value) => value.x;

    /// <inheritdoc/>
    public static float Sum(Scalar value) => value.x;

    /// <inheritdoc/>
    public static float Largest(Scalar value) => value.x;
}
