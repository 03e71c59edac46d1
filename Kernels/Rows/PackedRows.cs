using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ILGPU;
using ILGPU.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// Rows of two, four or eight elements on a processor: a vector holds several. What a row sums or compares is found by exchanging neighbours.
/// </summary>
internal unsafe struct PackedRows<T> : IRows<PackedRows<T>>
    where T : struct, ISixteen<T>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    private T rows;

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
    public static int Units(int rows, int k) => (int)((((long)rows * k) + T.Width - 1) / T.Width);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static RowPlace Place(int unit, int rows, int k)
    {
        int together = T.Width / k, first = unit * together;
        return new RowPlace(first, first, Math.Min(together, rows - first));
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static RowSlice Slice(RowPlace at, int k) => new((long)at.First * k, 0, at.Count * k);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PackedRows<T> CountFrom(int i, int k) => new() { rows = T.Of(Places(0, k), Places(T.Width / 2, k)) };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PackedRows<T> Load(in Cells matrix, in RowSlice rows, int i, float filler) => new()
    {
        rows = T.LoadPart((float*)matrix.Address + rows.First, rows.Length, filler),
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void Store(PackedRows<T> value, in Cells matrix, in RowSlice rows, int i) =>
        T.StorePart(value.rows, (float*)matrix.Address + rows.First, rows.Length);

    /// <inheritdoc/>
    public static PackedRows<T> LoadByRow(in Cells column, RowPlace at, int k)
    {
        float* all = stackalloc float[T.Width];
        for (int i = 0; i < T.Width; i++)
            all[i] = i < at.Count * k ? ((float*)column.Address)[at.First + (i / k)] : 0f;
        return new() { rows = T.Load(all) };
    }

    /// <inheritdoc/>
    public static PackedRows<T> LoadByRow(ArrayView<int> column, RowPlace at, int k)
    {
        float* all = stackalloc float[T.Width];
        int* source = (int*)column.LoadEffectiveAddressAsPtr() + at.First;
        for (int i = 0; i < T.Width; i++)
            all[i] = i < at.Count * k ? source[i / k] : 0f;
        return new() { rows = T.Load(all) };
    }

    /// <inheritdoc/>
    public static void StoreByRow(PackedRows<T> value, ArrayView<int> column, RowPlace at, int k)
    {
        float* all = stackalloc float[T.Width];
        T.Store(value.rows, all);
        int* target = (int*)column.LoadEffectiveAddressAsPtr() + at.First;
        for (int row = 0; row < at.Count; row++)
            target[row] = (int)all[row * k];
    }

    /// <inheritdoc/>
    public static void StoreByRow(PackedRows<T> value, in Cells column, RowPlace at, int k)
    {
        float* all = stackalloc float[T.Width];
        T.Store(value.rows, all);
        float* target = (float*)column.Address + at.First;
        for (int row = 0; row < at.Count; row++)
            target[row] = all[row * k];
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PackedRows<T> Gumbel(RandomRow draw, RowPlace at, int i, int k) => new()
    {
        rows = GumbelNoise.Of(SixteenWords.OfPackedRows<T>(draw with { Row = at.First }, k)),
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PackedRows<T> Fill(float value) => new() { rows = T.Fill(value) };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PackedRows<T> operator +(PackedRows<T> a, PackedRows<T> b) => new() { rows = a.rows + b.rows };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PackedRows<T> operator -(PackedRows<T> a, PackedRows<T> b) => new() { rows = a.rows - b.rows };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PackedRows<T> operator *(PackedRows<T> a, PackedRows<T> b) => new() { rows = a.rows * b.rows };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PackedRows<T> operator /(PackedRows<T> a, PackedRows<T> b) => new() { rows = a.rows / b.rows };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PackedRows<T> MultiplyAdd(PackedRows<T> a, PackedRows<T> b, PackedRows<T> c) => new() { rows = T.MultiplyAdd(a.rows, b.rows, c.rows) };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PackedRows<T> Exp(PackedRows<T> value) => new() { rows = Elementary.Exp(value.rows) };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PackedRows<T> Log(PackedRows<T> value) => new() { rows = Elementary.Log(value.rows) };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PackedRows<T> Max(PackedRows<T> a, PackedRows<T> b) => new() { rows = T.Max(a.rows, b.rows) };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PackedRows<T> WherePositive(PackedRows<T> test, PackedRows<T> value, PackedRows<T> otherwise) => new()
    {
        rows = T.WherePositive(test.rows, value.rows, otherwise.rows),
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PackedRows<T> WhereEqual(PackedRows<T> a, PackedRows<T> b, PackedRows<T> value, PackedRows<T> otherwise) => new()
    {
        rows = T.WhereEqual(a.rows, b.rows, value.rows, otherwise.rows),
    };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PackedRows<T> LogByRow(PackedRows<T> value) => Log(value);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PackedRows<T> ReciprocalByRow(PackedRows<T> value) => new() { rows = T.Fill(1f) / value.rows };

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PackedRows<T> Part(PackedRows<T> value, int i, int k) => value;

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PackedRows<T> SumByRow(PackedRows<T> value, int k)
    {
        T sum = value.rows + T.SwapOnes(value.rows);
        if (k > 2)
            sum += T.SwapTwos(sum);
        if (k > 4)
            sum += T.SwapFours(sum);
        return new() { rows = sum };
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static PackedRows<T> MaxByRow(PackedRows<T> value, int k)
    {
        T max = T.Max(value.rows, T.SwapOnes(value.rows));
        if (k > 2)
            max = T.Max(max, T.SwapTwos(max));
        if (k > 4)
            max = T.Max(max, T.SwapFours(max));
        return new() { rows = max };
    }

    [MethodImpl(Inline)]
    private static Vector256<float> Places(int start, int k) =>
        Vector256.ConvertToSingle((Vector256<int>.Indices + Vector256.Create(start)) & Vector256.Create(k - 1));
}
