using System.Runtime.CompilerServices;
using ILGPU;

namespace IlgpuVae.Kernels;

/// <summary>Vectors of one row on a processor: long rows, which leave the first-level cache before a pair of them would be read again.</summary>
internal unsafe struct SingleRow<T, TEnds> : IRows<SingleRow<T, TEnds>>
    where T : struct, ISixteen<T>
    where TEnds : struct, IRowEnds
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    private T only;

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
    public static int Units(int rows, int k) => rows;

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static RowPlace Place(int unit, int rows, int k) => new(unit, unit, 1);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static RowSlice Slice(RowPlace at, int k) => new((long)at.First * k, 0, k);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T, TEnds> Load(in Cells matrix, in RowSlice rows, int i, float filler) => new()
    {
        only = RowEnds.Load<T, TEnds>((float*)matrix.Address + rows.First + i, rows.Length - i, filler),
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void Store(SingleRow<T, TEnds> value, in Cells matrix, in RowSlice rows, int i) =>
        RowEnds.Store<T, TEnds>(value.only, (float*)matrix.Address + rows.First + i, rows.Length - i);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T, TEnds> LoadByRow(in Cells column, RowPlace at, int k) => new() { only = T.Fill(((float*)column.Address)[at.First]) };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T, TEnds> LoadByRow(ArrayView<int> column, RowPlace at, int k) => new() { only = T.Fill(column[at.First]) };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void StoreByRow(SingleRow<T, TEnds> value, ArrayView<int> column, RowPlace at, int k) => column[at.First] = (int)T.First(value.only);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void StoreByRow(SingleRow<T, TEnds> value, in Cells column, RowPlace at, int k) => ((float*)column.Address)[at.First] = T.First(value.only);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T, TEnds> Gumbel(RandomRow draw, RowPlace at, int i, int k) => new()
    {
        only = GumbelNoise.Of(T.RandomWords(draw with { Row = at.First }, i)),
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T, TEnds> Fill(float value) => new() { only = T.Fill(value) };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T, TEnds> operator +(SingleRow<T, TEnds> a, SingleRow<T, TEnds> b) => new() { only = a.only + b.only };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T, TEnds> operator -(SingleRow<T, TEnds> a, SingleRow<T, TEnds> b) => new() { only = a.only - b.only };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T, TEnds> operator *(SingleRow<T, TEnds> a, SingleRow<T, TEnds> b) => new() { only = a.only * b.only };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T, TEnds> operator /(SingleRow<T, TEnds> a, SingleRow<T, TEnds> b) => new() { only = a.only / b.only };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T, TEnds> MultiplyAdd(SingleRow<T, TEnds> a, SingleRow<T, TEnds> b, SingleRow<T, TEnds> c) => new()
    {
        only = T.MultiplyAdd(a.only, b.only, c.only),
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T, TEnds> Exp(SingleRow<T, TEnds> value) => new() { only = Elementary.Exp(value.only) };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T, TEnds> Log(SingleRow<T, TEnds> value) => new() { only = Elementary.Log(value.only) };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T, TEnds> Max(SingleRow<T, TEnds> a, SingleRow<T, TEnds> b) => new() { only = T.Max(a.only, b.only) };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T, TEnds> WherePositive(SingleRow<T, TEnds> test, SingleRow<T, TEnds> value, SingleRow<T, TEnds> otherwise) => new()
    {
        only = T.WherePositive(test.only, value.only, otherwise.only),
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T, TEnds> WhereEqual(SingleRow<T, TEnds> a, SingleRow<T, TEnds> b, SingleRow<T, TEnds> value, SingleRow<T, TEnds> otherwise) =>
        new()
        {
            only = T.WhereEqual(a.only, b.only, value.only, otherwise.only),
        };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T, TEnds> CountFrom(int i, int k) => new() { only = T.CountFrom(i) };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T, TEnds> LogByRow(SingleRow<T, TEnds> value) => new() { only = T.Fill(Elementary.Log(T.First(value.only))) };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T, TEnds> ReciprocalByRow(SingleRow<T, TEnds> value) => new() { only = T.Fill(1f / T.First(value.only)) };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T, TEnds> Part(SingleRow<T, TEnds> value, int i, int k) => new() { only = T.Part(value.only, k - i) };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T, TEnds> SumByRow(SingleRow<T, TEnds> value, int k) => new() { only = T.Fill(T.Sum(value.only)) };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T, TEnds> MaxByRow(SingleRow<T, TEnds> value, int k) => new() { only = T.Fill(T.Largest(value.only)) };
}
