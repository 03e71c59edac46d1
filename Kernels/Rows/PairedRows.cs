using System.Runtime.CompilerServices;
using ILGPU;

namespace IlgpuVae.Kernels;

/// <summary>
/// Vectors of two neighbouring rows on a processor, whose sums and logarithms then do not wait for each other. The last row of an odd number is its own
/// neighbour, and done twice.
/// </summary>
internal unsafe struct PairedRows<T, TEnds> : IRows<PairedRows<T, TEnds>>
    where T : struct, ISixteen<T>
    where TEnds : struct, IRowEnds
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    private T first, second;

    /// <inheritdoc/>
    public static int First => 0;

    /// <inheritdoc/>
    public static int Step => T.Width;

    /// <inheritdoc/>
    public static bool KeepsInMemory => true;

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void Sync()
    {
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static int Units(int rows, int k) => (rows + 1) / 2;

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static RowPlace Place(int unit, int rows, int k) => new(2 * unit, Math.Min((2 * unit) + 1, rows - 1), 2);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static RowSlice Slice(RowPlace at, int k) => new((long)at.First * k, (long)at.Second * k, k);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T, TEnds> Load(in Cells matrix, in RowSlice rows, int i, float filler) => new()
    {
        first = RowEnds.Load<T, TEnds>((float*)matrix.Address + rows.First + i, rows.Length - i, filler),
        second = RowEnds.Load<T, TEnds>((float*)matrix.Address + rows.Second + i, rows.Length - i, filler),
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void Store(PairedRows<T, TEnds> value, in Cells matrix, in RowSlice rows, int i)
    {
        RowEnds.Store<T, TEnds>(value.first, (float*)matrix.Address + rows.First + i, rows.Length - i);
        RowEnds.Store<T, TEnds>(value.second, (float*)matrix.Address + rows.Second + i, rows.Length - i);
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T, TEnds> LoadByRow(in Cells column, RowPlace at, int k) => new()
    {
        first = T.Fill(((float*)column.Address)[at.First]),
        second = T.Fill(((float*)column.Address)[at.Second]),
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T, TEnds> LoadByRow(ArrayView<int> column, RowPlace at, int k) => new()
    {
        first = T.Fill(column[at.First]),
        second = T.Fill(column[at.Second]),
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void StoreByRow(PairedRows<T, TEnds> value, ArrayView<int> column, RowPlace at, int k)
    {
        column[at.First] = (int)T.First(value.first);
        column[at.Second] = (int)T.First(value.second);
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void StoreByRow(PairedRows<T, TEnds> value, in Cells column, RowPlace at, int k)
    {
        ((float*)column.Address)[at.First] = T.First(value.first);
        ((float*)column.Address)[at.Second] = T.First(value.second);
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T, TEnds> Gumbel(RandomRow draw, RowPlace at, int i, int k) => new()
    {
        first = GumbelNoise.Of(T.RandomWords(draw with { Row = at.First }, i)),
        second = GumbelNoise.Of(T.RandomWords(draw with { Row = at.Second }, i)),
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T, TEnds> Fill(float value) => new() { first = T.Fill(value), second = T.Fill(value) };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T, TEnds> operator +(PairedRows<T, TEnds> a, PairedRows<T, TEnds> b) => new()
    {
        first = a.first + b.first,
        second = a.second + b.second,
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T, TEnds> operator -(PairedRows<T, TEnds> a, PairedRows<T, TEnds> b) => new()
    {
        first = a.first - b.first,
        second = a.second - b.second,
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T, TEnds> operator *(PairedRows<T, TEnds> a, PairedRows<T, TEnds> b) => new()
    {
        first = a.first * b.first,
        second = a.second * b.second,
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T, TEnds> operator /(PairedRows<T, TEnds> a, PairedRows<T, TEnds> b) => new()
    {
        first = a.first / b.first,
        second = a.second / b.second,
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T, TEnds> MultiplyAdd(PairedRows<T, TEnds> a, PairedRows<T, TEnds> b, PairedRows<T, TEnds> c) => new()
    {
        first = T.MultiplyAdd(a.first, b.first, c.first),
        second = T.MultiplyAdd(a.second, b.second, c.second),
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T, TEnds> Exp(PairedRows<T, TEnds> value) => new() { first = Elementary.Exp(value.first), second = Elementary.Exp(value.second) };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T, TEnds> Log(PairedRows<T, TEnds> value) => new() { first = Elementary.Log(value.first), second = Elementary.Log(value.second) };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T, TEnds> Max(PairedRows<T, TEnds> a, PairedRows<T, TEnds> b) => new()
    {
        first = T.Max(a.first, b.first),
        second = T.Max(a.second, b.second),
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T, TEnds> WherePositive(PairedRows<T, TEnds> test, PairedRows<T, TEnds> value, PairedRows<T, TEnds> otherwise) => new()
    {
        first = T.WherePositive(test.first, value.first, otherwise.first),
        second = T.WherePositive(test.second, value.second, otherwise.second),
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T, TEnds> WhereEqual(PairedRows<T, TEnds> a, PairedRows<T, TEnds> b, PairedRows<T, TEnds> value, PairedRows<T, TEnds> otherwise) =>
        new()
        {
            first = T.WhereEqual(a.first, b.first, value.first, otherwise.first),
            second = T.WhereEqual(a.second, b.second, value.second, otherwise.second),
        };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T, TEnds> CountFrom(int i, int k) => new() { first = T.CountFrom(i), second = T.CountFrom(i) };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T, TEnds> LogByRow(PairedRows<T, TEnds> value) => new()
    {
        first = T.Fill(Elementary.Log(T.First(value.first))),
        second = T.Fill(Elementary.Log(T.First(value.second))),
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T, TEnds> ReciprocalByRow(PairedRows<T, TEnds> value) => new()
    {
        first = T.Fill(1f / T.First(value.first)),
        second = T.Fill(1f / T.First(value.second)),
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T, TEnds> Part(PairedRows<T, TEnds> value, int i, int k) => new()
    {
        first = T.Part(value.first, k - i),
        second = T.Part(value.second, k - i),
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T, TEnds> SumByRow(PairedRows<T, TEnds> value, int k) => new()
    {
        first = T.Fill(T.Sum(value.first)),
        second = T.Fill(T.Sum(value.second)),
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PairedRows<T, TEnds> MaxByRow(PairedRows<T, TEnds> value, int k) => new()
    {
        first = T.Fill(T.Largest(value.first)),
        second = T.Fill(T.Largest(value.second)),
    };
}
