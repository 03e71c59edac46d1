using ILGPU;

namespace IlgpuVae.Kernels;

/// <summary>Two vectors side by side as one: rows that a lane of a graphics processor holds as a whole.</summary>
internal struct Joined<TFirst, TRest> : IVector<Joined<TFirst, TRest>>
    where TFirst : struct, IVector<TFirst>
    where TRest : struct, IVector<TRest>
{
    private TFirst first;
    private TRest rest;

    /// <inheritdoc/>
    public static int Width => TFirst.Width + TRest.Width;

    /// <inheritdoc/>
    public static Joined<TFirst, TRest> Fill(float value) => Of(TFirst.Fill(value), TRest.Fill(value));

    /// <inheritdoc/>
    public static Joined<TFirst, TRest> CountFrom(int start) => Of(TFirst.CountFrom(start), TRest.CountFrom(start + TFirst.Width));

    /// <inheritdoc/>
    public static Joined<TFirst, TRest> Load(ArrayView<float> row, int start) => Of(TFirst.Load(row, start), TRest.Load(row, start + TFirst.Width));

    /// <inheritdoc/>
    public static void Store(Joined<TFirst, TRest> value, ArrayView<float> row, int start)
    {
        TFirst.Store(value.first, row, start);
        TRest.Store(value.rest, row, start + TFirst.Width);
    }

    /// <inheritdoc/>
    public static Joined<TFirst, TRest> LoadPart(ArrayView<float> row, int start, int count, float filler) =>
        Of(TFirst.LoadPart(row, start, count, filler), TRest.LoadPart(row, start + TFirst.Width, count - TFirst.Width, filler));

    /// <inheritdoc/>
    public static void StorePart(Joined<TFirst, TRest> value, ArrayView<float> row, int start, int count)
    {
        TFirst.StorePart(value.first, row, start, count);
        TRest.StorePart(value.rest, row, start + TFirst.Width, count - TFirst.Width);
    }

    /// <inheritdoc/>
    public static Joined<TFirst, TRest> Part(Joined<TFirst, TRest> value, int count) =>
        Of(TFirst.Part(value.first, count), TRest.Part(value.rest, count - TFirst.Width));

    /// <inheritdoc/>
    public static Joined<TFirst, TRest> RandomWords(RandomRow row, int column) =>
        Of(TFirst.RandomWords(row, column), TRest.RandomWords(row, column + TFirst.Width));

    /// <inheritdoc/>
    public static Joined<TFirst, TRest> operator +(Joined<TFirst, TRest> a, Joined<TFirst, TRest> b) => Of(a.first + b.first, a.rest + b.rest);

    /// <inheritdoc/>
    public static Joined<TFirst, TRest> operator -(Joined<TFirst, TRest> a, Joined<TFirst, TRest> b) => Of(a.first - b.first, a.rest - b.rest);

    /// <inheritdoc/>
    public static Joined<TFirst, TRest> operator *(Joined<TFirst, TRest> a, Joined<TFirst, TRest> b) => Of(a.first * b.first, a.rest * b.rest);

    /// <inheritdoc/>
    public static Joined<TFirst, TRest> operator /(Joined<TFirst, TRest> a, Joined<TFirst, TRest> b) => Of(a.first / b.first, a.rest / b.rest);

    /// <inheritdoc/>
    public static Joined<TFirst, TRest> Sqrt(Joined<TFirst, TRest> a) => Of(TFirst.Sqrt(a.first), TRest.Sqrt(a.rest));

    /// <inheritdoc/>
    public static Joined<TFirst, TRest> MultiplyAdd(Joined<TFirst, TRest> a, Joined<TFirst, TRest> b, Joined<TFirst, TRest> c) =>
        Of(TFirst.MultiplyAdd(a.first, b.first, c.first), TRest.MultiplyAdd(a.rest, b.rest, c.rest));

    /// <inheritdoc/>
    public static Joined<TFirst, TRest> Max(Joined<TFirst, TRest> a, Joined<TFirst, TRest> b) => Of(TFirst.Max(a.first, b.first), TRest.Max(a.rest, b.rest));

    /// <inheritdoc/>
    public static Joined<TFirst, TRest> Min(Joined<TFirst, TRest> a, Joined<TFirst, TRest> b) => Of(TFirst.Min(a.first, b.first), TRest.Min(a.rest, b.rest));

    /// <inheritdoc/>
    public static Joined<TFirst, TRest> PowerOfTwo(Joined<TFirst, TRest> shifted) => Of(TFirst.PowerOfTwo(shifted.first), TRest.PowerOfTwo(shifted.rest));

    /// <inheritdoc/>
    public static Joined<TFirst, TRest> Exponent(Joined<TFirst, TRest> value) => Of(TFirst.Exponent(value.first), TRest.Exponent(value.rest));

    /// <inheritdoc/>
    public static Joined<TFirst, TRest> Mantissa(Joined<TFirst, TRest> value) => Of(TFirst.Mantissa(value.first), TRest.Mantissa(value.rest));

    /// <inheritdoc/>
    public static Joined<TFirst, TRest> WherePositive(Joined<TFirst, TRest> test, Joined<TFirst, TRest> value, Joined<TFirst, TRest> otherwise) =>
        Of(TFirst.WherePositive(test.first, value.first, otherwise.first), TRest.WherePositive(test.rest, value.rest, otherwise.rest));

    /// <inheritdoc/>
    public static Joined<TFirst, TRest> WhereEqual(
        Joined<TFirst, TRest> a, Joined<TFirst, TRest> b, Joined<TFirst, TRest> value, Joined<TFirst, TRest> otherwise) =>
        Of(TFirst.WhereEqual(a.first, b.first, value.first, otherwise.first), TRest.WhereEqual(a.rest, b.rest, value.rest, otherwise.rest));

    /// <inheritdoc/>
    public static float First(Joined<TFirst, TRest> value) => TFirst.First(value.first);

    /// <inheritdoc/>
    public static float Sum(Joined<TFirst, TRest> value) => TFirst.Sum(value.first) + TRest.Sum(value.rest);

    /// <inheritdoc/>
    public static float Largest(Joined<TFirst, TRest> value)
    {
        float one = TFirst.Largest(value.first), other = TRest.Largest(value.rest);
        return other < one ? one : other;
    }

    private static Joined<TFirst, TRest> Of(TFirst first, TRest rest)
    {
        Joined<TFirst, TRest> r;
        r.first = first;
        r.rest = rest;
        return r;
    }
}
