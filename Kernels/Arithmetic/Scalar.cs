using ILGPU;

namespace IlgpuVae.Kernels;

/// <summary>A vector of one element: neighbouring lanes of a group take neighbouring elements.</summary>
public struct Scalar : IVector<Scalar>
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
    public static Scalar operator +(Scalar a, Scalar b) => Fill(a.x + b.x);

    /// <inheritdoc/>
    public static Scalar operator -(Scalar a, Scalar b) => Fill(a.x - b.x);

    /// <inheritdoc/>
    public static Scalar operator *(Scalar a, Scalar b) => Fill(a.x * b.x);

    /// <inheritdoc/>
    public static Scalar MultiplyAdd(Scalar a, Scalar b, Scalar c) => Fill(Elementary.MultiplyAdd(a.x, b.x, c.x));

    /// <inheritdoc/>
    public static Scalar Max(Scalar a, Scalar b) => Fill(Elementary.Max(a.x, b.x));

    /// <inheritdoc/>
    public static Scalar Exp(Scalar a) => Fill(Elementary.Exp(a.x));

    /// <inheritdoc/>
    public static Scalar WherePositive(Scalar test, Scalar value, Scalar otherwise) => Fill(test.x > 0f ? value.x : otherwise.x);

    /// <inheritdoc/>
    public static float Sum(Scalar value) => value.x;

    /// <inheritdoc/>
    public static float Largest(Scalar value) => value.x;
}
