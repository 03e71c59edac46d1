using System.Runtime.CompilerServices;
using ILGPU;

namespace IlgpuVae.Kernels;

/// <summary>Vectors of one row on a processor: long rows, which leave the first-level cache before a pair of them would be read again.</summary>
internal readonly unsafe struct SingleRow<T>(T only) : IRows<SingleRow<T>>
    where T : struct, ISixteen<T>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    private readonly T only = only;

    /// <inheritdoc/>
    public static int First => 0;

    /// <inheritdoc/>
    public static int Step => T.Width;

    /// <inheritdoc/>
    public static bool KeepsInMemory => true;

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static int Units(int rows, int k) => rows;

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static RowPlace Place(int unit, int rows, int k) => new(unit, unit, 1);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static RowSlice Slice(ArrayView<float> matrix, RowPlace at, int k) => new(matrix, (long)at.First * k, (long)at.First * k, k);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T> Load(RowSlice rows, int i, float filler) => new(T.LoadPart((float*)rows.First + i, rows.Length - i, filler));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void Store(SingleRow<T> value, RowSlice rows, int i) => T.StorePart(value.only, (float*)rows.First + i, rows.Length - i);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T> LoadByRow(ArrayView<float> column, RowPlace at, int k) => new(T.Fill(column[at.First]));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T> LoadByRow(ArrayView<int> column, RowPlace at, int k) => new(T.Fill(column[at.First]));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void StoreByRow(SingleRow<T> value, ArrayView<float> column, RowPlace at, int k) => column[at.First] = T.First(value.only);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void StoreByRow(SingleRow<T> value, ArrayView<int> column, RowPlace at, int k) => column[at.First] = (int)T.First(value.only);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T> Gumbel(RandomRow draw, RowPlace at, int i, int k) => new(GumbelNoise.Of(T.RandomBits(draw with { Row = at.First }, i)));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T> Fill(float value) => new(T.Fill(value));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T> operator +(SingleRow<T> a, SingleRow<T> b) => new(a.only + b.only);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T> operator -(SingleRow<T> a, SingleRow<T> b) => new(a.only - b.only);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T> operator *(SingleRow<T> a, SingleRow<T> b) => new(a.only * b.only);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T> operator /(SingleRow<T> a, SingleRow<T> b) => new(a.only / b.only);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T> MultiplyAdd(SingleRow<T> a, SingleRow<T> b, SingleRow<T> c) => new(T.MultiplyAdd(a.only, b.only, c.only));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T> Exp(SingleRow<T> value) => new(Elementary.Exp(value.only));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T> Log(SingleRow<T> value) => new(Elementary.Log(value.only));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T> Max(SingleRow<T> a, SingleRow<T> b) => new(T.Max(a.only, b.only));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T> WherePositive(SingleRow<T> test, SingleRow<T> value, SingleRow<T> otherwise) => new(T.WherePositive(test.only, value.only, otherwise.only));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T> WhereEqual(SingleRow<T> a, SingleRow<T> b, SingleRow<T> value, SingleRow<T> otherwise) => new(T.WhereEqual(a.only, b.only, value.only, otherwise.only));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T> CountFrom(int i, int k) => new(T.CountFrom(i));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T> LogByRow(SingleRow<T> value) => new(T.Fill(Elementary.Log(T.First(value.only))));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T> ReciprocalByRow(SingleRow<T> value) => new(T.Fill(1f / T.First(value.only)));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T> Part(SingleRow<T> value, int i, int k) => new(T.Part(value.only, k - i));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T> SumByRow(SingleRow<T> value, int k) => new(T.Fill(T.Sum(value.only)));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SingleRow<T> MaxByRow(SingleRow<T> value, int k) => new(T.Fill(T.Largest(value.only)));
}
