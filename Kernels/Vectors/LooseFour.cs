using ILGPU;

namespace IlgpuVae.Kernels;

/// <summary>
/// Four neighbouring elements that are read and written one by one: random words come in blocks of four, and rows that are no whole number of fours have no
/// 128-bit access.
/// </summary>
internal readonly struct LooseFour(Vector4 four) : IVector<LooseFour>
{
    private readonly Vector4 four = four;

    /// <inheritdoc/>
    public static int Width => Vector4.Width;

    /// <inheritdoc/>
    public static LooseFour Fill(float value) => new(Vector4.Fill(value));

    /// <inheritdoc/>
    public static LooseFour CountFrom(int start) => new(Vector4.CountFrom(start));

    /// <inheritdoc/>
    public static LooseFour Load(ArrayView<float> row, int start) => new(Vector4.LoadSome(row, start, Width, 0f));

    /// <inheritdoc/>
    public static void Store(LooseFour value, ArrayView<float> row, int start) => Vector4.StoreSome(value.four, row, start, Width);

    /// <inheritdoc/>
    public static LooseFour LoadPart(ArrayView<float> row, int start, int count, float filler) => new(Vector4.LoadSome(row, start, count, filler));

    /// <inheritdoc/>
    public static void StorePart(LooseFour value, ArrayView<float> row, int start, int count) => Vector4.StoreSome(value.four, row, start, count);

    /// <inheritdoc/>
    public static LooseFour Part(LooseFour value, int count) => new(Vector4.FirstOf(value.four, count));

    /// <inheritdoc/>
    public static LooseFour RandomWords(RandomRow row, int column) => new(Vector4.RandomWords(row, column));

    /// <inheritdoc/>
    public static LooseFour operator +(LooseFour a, LooseFour b) => new(a.four + b.four);

    /// <inheritdoc/>
    public static LooseFour operator -(LooseFour a, LooseFour b) => new(a.four - b.four);

    /// <inheritdoc/>
    public static LooseFour operator *(LooseFour a, LooseFour b) => new(a.four * b.four);

    /// <inheritdoc/>
    public static LooseFour operator /(LooseFour a, LooseFour b) => new(a.four / b.four);

    /// <inheritdoc/>
    public static LooseFour Sqrt(LooseFour a) => new(Vector4.Sqrt(a.four));

    /// <inheritdoc/>
    public static LooseFour MultiplyAdd(LooseFour a, LooseFour b, LooseFour c) => new(Vector4.MultiplyAdd(a.four, b.four, c.four));

    /// <inheritdoc/>
    public static LooseFour Max(LooseFour a, LooseFour b) => new(Vector4.Max(a.four, b.four));

    /// <inheritdoc/>
    public static LooseFour Min(LooseFour a, LooseFour b) => new(Vector4.Min(a.four, b.four));

    /// <inheritdoc/>
    public static LooseFour PowerOfTwo(LooseFour shifted) => new(Vector4.PowerOfTwo(shifted.four));

    /// <inheritdoc/>
    public static LooseFour Exponent(LooseFour value) => new(Vector4.Exponent(value.four));

    /// <inheritdoc/>
    public static LooseFour Mantissa(LooseFour value) => new(Vector4.Mantissa(value.four));

    /// <inheritdoc/>
    public static LooseFour WherePositive(LooseFour test, LooseFour value, LooseFour otherwise) =>
        new(Vector4.WherePositive(test.four, value.four, otherwise.four));

    /// <inheritdoc/>
    public static LooseFour WhereEqual(LooseFour a, LooseFour b, LooseFour value, LooseFour otherwise) =>
        new(Vector4.WhereEqual(a.four, b.four, value.four, otherwise.four));

    /// <inheritdoc/>
    public static float First(LooseFour value) => Vector4.First(value.four);

    /// <inheritdoc/>
    public static float Sum(LooseFour value) => Vector4.Sum(value.four);

    /// <inheritdoc/>
    public static float Largest(LooseFour value) => Vector4.Largest(value.four);
}
