using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>Rows of two, four or eight elements on a processor: a vector holds several. What a row sums or compares is found by exchanging neighbours.</summary>
internal readonly struct PackedRows(ProcessorVector rows) : IRowGroup<PackedRows>
{
    private readonly ProcessorVector rows = rows;

    /// <inheritdoc/>
    public static int Width => ProcessorVector.Width;

    /// <summary>Whether rows of <paramref name="k"/> elements can be packed on <paramref name="device"/>.</summary>
    internal static bool Fit(ComputeDevice device, int k) => VectorRows.OnProcessor(device) && k is 2 or 4 or 8;

    /// <inheritdoc/>
    public static int Groups(int rows, int k) => VectorRows.Count<ProcessorVector>(checked(rows * k));

    /// <inheritdoc/>
    public static RowPlace Place(int group, int rows, int k)
    {
        long start = (long)group * Width;
        return new RowPlace(start, start, (int)IntrinsicMath.Min(Width, ((long)rows * k) - start));
    }

    /// <inheritdoc/>
    public static PackedRows Fill(float value) => new(ProcessorVector.Fill(value));

    /// <inheritdoc/>
    public static PackedRows Load(ArrayView<float> matrix, RowPlace place, int i, float filler) =>
        new(ProcessorVector.LoadPart(matrix.SubView(place.First, place.Length), 0, place.Length, filler));

    /// <inheritdoc/>
    public static void Store(PackedRows value, ArrayView<float> matrix, RowPlace place, int i) =>
        ProcessorVector.StorePart(value.rows, matrix.SubView(place.First, place.Length), 0, place.Length);

    /// <inheritdoc/>
    public static void StoreByRow(PackedRows value, ArrayView<float> column, int group, int k)
    {
        int together = Width / k;
        long start = (long)group * together;
        int count = (int)IntrinsicMath.Min(together, column.Length - start);
        ProcessorVector.StoreEvery(value.rows, column.SubView(start, count), k, count);
    }

    /// <inheritdoc/>
    public static PackedRows operator +(PackedRows a, PackedRows b) => new(a.rows + b.rows);

    /// <inheritdoc/>
    public static PackedRows operator -(PackedRows a, PackedRows b) => new(a.rows - b.rows);

    /// <inheritdoc/>
    public static PackedRows operator *(PackedRows a, PackedRows b) => new(a.rows * b.rows);

    /// <inheritdoc/>
    public static PackedRows Exp(PackedRows value) => new(Elementary.Exp(value.rows));

    /// <inheritdoc/>
    public static PackedRows LogByRow(PackedRows value) => new(Elementary.Log(value.rows));

    /// <inheritdoc/>
    public static PackedRows ReciprocalByRow(PackedRows value) => new(ProcessorVector.Fill(1f) / value.rows);

    /// <inheritdoc/>
    public static PackedRows Max(PackedRows a, PackedRows b) => new(ProcessorVector.Max(a.rows, b.rows));

    /// <inheritdoc/>
    public static PackedRows WherePositive(PackedRows test, PackedRows value, PackedRows otherwise) => new(ProcessorVector.WherePositive(test.rows, value.rows, otherwise.rows));

    /// <inheritdoc/>
    public static PackedRows SumByRow(PackedRows value, int k)
    {
        ProcessorVector sum = value.rows;
        sum += ProcessorVector.SwapOnes(sum);
        if (k > 2)
            sum += ProcessorVector.SwapTwos(sum);
        if (k > 4)
            sum += ProcessorVector.SwapFours(sum);
        return new PackedRows(sum);
    }

    /// <inheritdoc/>
    public static PackedRows MaxByRow(PackedRows value, int k)
    {
        ProcessorVector max = value.rows;
        max = ProcessorVector.Max(max, ProcessorVector.SwapOnes(max));
        if (k > 2)
            max = ProcessorVector.Max(max, ProcessorVector.SwapTwos(max));
        if (k > 4)
            max = ProcessorVector.Max(max, ProcessorVector.SwapFours(max));
        return new PackedRows(max);
    }

    /// <summary>1 at the first place of each row whose element is <paramref name="max"/>, the row's largest, at the last where none is, and 0 elsewhere.</summary>
    internal static PackedRows OneHot(PackedRows value, PackedRows max, int k)
    {
        ProcessorVector none = ProcessorVector.Fill(0f), one = ProcessorVector.Fill(1f), last = ProcessorVector.Fill(k - 1), places = ProcessorVector.Places(k);

        // 0 at the largest; what is not a number is neither above 0 nor, one added, above 0.
        ProcessorVector below = max.rows - value.rows;
        ProcessorVector first = ProcessorVector.WherePositive(below, last, ProcessorVector.WherePositive(below + one, places, last));
        first = ProcessorVector.Min(first, ProcessorVector.SwapOnes(first));
        if (k > 2)
            first = ProcessorVector.Min(first, ProcessorVector.SwapTwos(first));
        if (k > 4)
            first = ProcessorVector.Min(first, ProcessorVector.SwapFours(first));
        ProcessorVector apart = places - first;
        return new PackedRows(ProcessorVector.WherePositive(apart * apart, none, one));
    }
}
