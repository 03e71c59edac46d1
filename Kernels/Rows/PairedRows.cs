using System.Runtime.CompilerServices;
using ILGPU;

namespace IlgpuVae.Kernels;

/// <summary>Vectors of two neighbouring rows on a processor, whose sums and logarithms then do not wait for each other. The last row of an odd number is its own neighbour, and done twice.</summary>
internal readonly unsafe struct PairedRows<T>(T first, T second) : IRows<PairedRows<T>>
    where T : struct, ISixteen<T>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    private readonly T first = first, second = second;

    /// <inheritdoc/>
    public static int First => 0;

    /// <inheritdoc/>
    public static int Step => T.Width;

    /// <inheritdoc/>
    public static bool KeepsInMemory => true;

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static int Units(int rows, int k) => (rows + 1) / 2;

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static RowPlace Place(int unit, int rows, int k) => new(2 * unit, Math.Min((2 * unit) + 1, rows - 1), 2);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static RowSlice Slice(ArrayView<float> matrix, RowPlace at, int k) => new(matrix, (long)at.First * k, (long)at.Second * k, k);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T> Load(RowSlice rows, int i, float filler) => new(T.LoadPart((float*)rows.First + i, rows.Length - i, filler), T.LoadPart((float*)rows.Second + i, rows.Length - i, filler));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void Store(PairedRows<T> value, RowSlice rows, int i)
    {
        T.StorePart(value.first, (float*)rows.First + i, rows.Length - i);
        T.StorePart(value.second, (float*)rows.Second + i, rows.Length - i);
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T> LoadByRow(ArrayView<float> column, RowPlace at, int k) => new(T.Fill(column[at.First]), T.Fill(column[at.Second]));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T> LoadByRow(ArrayView<int> column, RowPlace at, int k) => new(T.Fill(column[at.First]), T.Fill(column[at.Second]));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void StoreByRow(PairedRows<T> value, ArrayView<int> column, RowPlace at, int k)
    {
        column[at.First] = (int)T.First(value.first);
        column[at.Second] = (int)T.First(value.second);
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void StoreByRow(PairedRows<T> value, ArrayView<float> column, RowPlace at, int k)
    {
        column[at.First] = T.First(value.first);
        column[at.Second] = T.First(value.second);
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T> Gumbel(RandomRow draw, RowPlace at, int i, int k) => new(GumbelNoise.Of(T.RandomBits(draw with { Row = at.First }, i)), GumbelNoise.Of(T.RandomBits(draw with { Row = at.Second }, i)));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T> Fill(float value) => new(T.Fill(value), T.Fill(value));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T> operator +(PairedRows<T> a, PairedRows<T> b) => new(a.first + b.first, a.second + b.second);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T> operator -(PairedRows<T> a, PairedRows<T> b) => new(a.first - b.first, a.second - b.second);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T> operator *(PairedRows<T> a, PairedRows<T> b) => new(a.first * b.first, a.second * b.second);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T> operator /(PairedRows<T> a, PairedRows<T> b) => new(a.first / b.first, a.second / b.second);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T> MultiplyAdd(PairedRows<T> a, PairedRows<T> b, PairedRows<T> c) => new(T.MultiplyAdd(a.first, b.first, c.first), T.MultiplyAdd(a.second, b.second, c.second));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T> Exp(PairedRows<T> value) => new(Elementary.Exp(value.first), Elementary.Exp(value.second));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T> Log(PairedRows<T> value) => new(Elementary.Log(value.first), Elementary.Log(value.second));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T> Max(PairedRows<T> a, PairedRows<T> b) => new(T.Max(a.first, b.first), T.Max(a.second, b.second));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T> WherePositive(PairedRows<T> test, PairedRows<T> value, PairedRows<T> otherwise) => new(T.WherePositive(test.first, value.first, otherwise.first), T.WherePositive(test.second, value.second, otherwise.second));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T> WhereEqual(PairedRows<T> a, PairedRows<T> b, PairedRows<T> value, PairedRows<T> otherwise) => new(T.WhereEqual(a.first, b.first, value.first, otherwise.first), T.WhereEqual(a.second, b.second, value.second, otherwise.second));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T> CountFrom(int i, int k) => new(T.CountFrom(i), T.CountFrom(i));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T> LogByRow(PairedRows<T> value) => new(T.Fill(Elementary.Log(T.First(value.first))), T.Fill(Elementary.Log(T.First(value.second))));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T> ReciprocalByRow(PairedRows<T> value) => new(T.Fill(1f / T.First(value.first)), T.Fill(1f / T.First(value.second)));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T> Part(PairedRows<T> value, int i, int k) => new(T.Part(value.first, k - i), T.Part(value.second, k - i));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T> SumByRow(PairedRows<T> value, int k) => new(T.Fill(T.Sum(value.first)), T.Fill(T.Sum(value.second)));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T> MaxByRow(PairedRows<T> value, int k) => new(T.Fill(T.Largest(value.first)), T.Fill(T.Largest(value.second)));
}
