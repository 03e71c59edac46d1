using ILGPU;

namespace IlgpuVae.Runtime;

/// <summary>A vector of one element: neighbouring lanes of a group take neighbouring elements.</summary>
public struct Scalar : ISquareVector<Scalar>
{
    private float x;

    /// <inheritdoc/>
    public static int Width => 1;

    /// <inheritdoc/>
    public static Scalar Fill(float value)
    {
        Scalar r;
        r.x = value;
        return r;
    }

    /// <inheritdoc/>
    public static Scalar Load(ArrayView<float> row, int start) => Fill(row[start]);

    /// <inheritdoc/>
    public static void Store(Scalar value, ArrayView<float> row, int start) => row[start] = value.x;

    /// <inheritdoc/>
    public static Scalar LoadPart(ArrayView<float> row, int start, int count, float filler) => Load(row, start);

    /// <inheritdoc/>
    public static void StorePart(Scalar value, ArrayView<float> row, int start, int count) => Store(value, row, start);

    /// <inheritdoc/>
    public static void Transpose(ArrayView<float> source, int stride, ArrayView<float> target) => target[0] = source[0];

    /// <inheritdoc/>
    public static Scalar Part(Scalar value, int count) => value;

    /// <inheritdoc/>
    public static Scalar operator +(Scalar a, Scalar b) => Fill(a.x + b.x);

    /// <inheritdoc/>
    public static Scalar operator -(Scalar a, Scalar b) => Fill(a.x - b.x);

    /// <inheritdoc/>
    public static Scalar operator *(Scalar a, Scalar b) => Fill(a.x * b.x);

    /// <inheritdoc/>
    public static Scalar operator /(Scalar a, Scalar b) => Fill(a.x / b.x);

    /// <inheritdoc/>
    public static Scalar Sqrt(Scalar a) => Fill(MathF.Sqrt(a.x));

    /// <inheritdoc/>
    public static Scalar MultiplyAdd(Scalar a, Scalar b, Scalar c) => Fill(FusedMultiplyAdd.Compute(a.x, b.x, c.x));

    /// <inheritdoc/>
    /// <remarks>
    /// Not a &gt; b: where a is a constant, ILGPU moves it to the right of the comparison and wrongly makes that unordered, and on CUDA what is not a number becomes the constant.
    /// Here the constant stands on the right from the start; a constant as b would bring the fault back. See Kernels/PTX-TRAPS.md.
    /// </remarks>
    public static Scalar Max(Scalar a, Scalar b) => Fill(b.x < a.x ? a.x : b.x);

    /// <inheritdoc/>
    /// <remarks>As <see cref="Max"/>.</remarks>
    public static Scalar Min(Scalar a, Scalar b) => Fill(b.x > a.x ? a.x : b.x);

    /// <inheritdoc/>
    public static Scalar PowerOfTwo(Scalar shifted) => Fill(FloatBits.PowerOfTwo(shifted.x));

    /// <inheritdoc/>
    public static Scalar Exponent(Scalar value) => Fill(FloatBits.Exponent(value.x));

    /// <inheritdoc/>
    public static Scalar Mantissa(Scalar value) => Fill(FloatBits.Mantissa(value.x));

    /// <inheritdoc/>
    public static Scalar WherePositive(Scalar test, Scalar value, Scalar otherwise) => Fill(test.x > 0f ? value.x : otherwise.x);

    /// <inheritdoc/>
    public static float Sum(Scalar value) => value.x;

    /// <inheritdoc/>
    public static float Largest(Scalar value) => value.x;
}
