using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>Vectors of two neighbouring rows on a processor. The last row of an odd number is its own neighbour, and done twice.</summary>
internal readonly struct PairedRows<TEnds>(ProcessorVector first, ProcessorVector second) : IRowGroup<PairedRows<TEnds>>
    where TEnds : struct, IRowEnds
{
    private readonly ProcessorVector first = first, second = second;

    /// <inheritdoc/>
    public static int Width => ProcessorVector.Width;

    /// <inheritdoc/>
    public static int Groups(int rows, int k) => (rows + 1) / 2;

    /// <inheritdoc/>
    public static RowPlace Place(int group, int rows, int k)
    {
        int row = 2 * group, next = IntrinsicMath.Min(row + 1, rows - 1);
        return new RowPlace((long)row * k, (long)next * k, k);
    }

    /// <inheritdoc/>
    public static PairedRows<TEnds> Fill(float value) => new(ProcessorVector.Fill(value), ProcessorVector.Fill(value));

    /// <inheritdoc/>
    public static PairedRows<TEnds> Load(ArrayView<float> matrix, RowPlace place, int i, float filler) =>
        new(Load(matrix.SubView(place.First, place.Length), i, filler), Load(matrix.SubView(place.Second, place.Length), i, filler));

    /// <inheritdoc/>
    public static void Store(PairedRows<TEnds> value, ArrayView<float> matrix, RowPlace place, int i)
    {
        Store(value.first, matrix.SubView(place.First, place.Length), i);
        Store(value.second, matrix.SubView(place.Second, place.Length), i);
    }

    /// <inheritdoc/>
    public static void StoreByRow(PairedRows<TEnds> value, ArrayView<float> column, int group, int k)
    {
        long row = 2L * group, next = IntrinsicMath.Min(row + 1, column.Length - 1);
        column[row] = ProcessorVector.First(value.first);
        column[next] = ProcessorVector.First(value.second);
    }

    /// <inheritdoc/>
    public static PairedRows<TEnds> operator +(PairedRows<TEnds> a, PairedRows<TEnds> b) => new(a.first + b.first, a.second + b.second);

    /// <inheritdoc/>
    public static PairedRows<TEnds> operator -(PairedRows<TEnds> a, PairedRows<TEnds> b) => new(a.first - b.first, a.second - b.second);

    /// <inheritdoc/>
    public static PairedRows<TEnds> operator *(PairedRows<TEnds> a, PairedRows<TEnds> b) => new(a.first * b.first, a.second * b.second);

    /// <inheritdoc/>
    public static PairedRows<TEnds> Exp(PairedRows<TEnds> value) => new(Elementary.Exp(value.first), Elementary.Exp(value.second));

    /// <inheritdoc/>
    public static PairedRows<TEnds> LogByRow(PairedRows<TEnds> value) => new(
        ProcessorVector.Fill(Elementary.Log(ProcessorVector.First(value.first))), ProcessorVector.Fill(Elementary.Log(ProcessorVector.First(value.second))));

    /// <inheritdoc/>
    public static PairedRows<TEnds> ReciprocalByRow(PairedRows<TEnds> value) => new(
        ProcessorVector.Fill(1f / ProcessorVector.First(value.first)), ProcessorVector.Fill(1f / ProcessorVector.First(value.second)));

    /// <inheritdoc/>
    public static PairedRows<TEnds> Max(PairedRows<TEnds> a, PairedRows<TEnds> b) => new(ProcessorVector.Max(a.first, b.first), ProcessorVector.Max(a.second, b.second));

    /// <inheritdoc/>
    public static PairedRows<TEnds> WherePositive(PairedRows<TEnds> test, PairedRows<TEnds> value, PairedRows<TEnds> otherwise) => new(
        ProcessorVector.WherePositive(test.first, value.first, otherwise.first), ProcessorVector.WherePositive(test.second, value.second, otherwise.second));

    /// <inheritdoc/>
    public static PairedRows<TEnds> SumByRow(PairedRows<TEnds> value, int k) => new(ProcessorVector.Fill(ProcessorVector.Sum(value.first)), ProcessorVector.Fill(ProcessorVector.Sum(value.second)));

    /// <inheritdoc/>
    public static PairedRows<TEnds> MaxByRow(PairedRows<TEnds> value, int k) =>
        new(ProcessorVector.Fill(ProcessorVector.Largest(value.first)), ProcessorVector.Fill(ProcessorVector.Largest(value.second)));

    private static ProcessorVector Load(ArrayView<float> row, int i, float filler)
    {
        if (TEnds.AreWhole)
            return ProcessorVector.Load(row, i);
        return ProcessorVector.LoadPart(row, i, row.IntLength - i, filler);
    }

    private static void Store(ProcessorVector value, ArrayView<float> row, int i)
    {
        if (TEnds.AreWhole)
            ProcessorVector.Store(value, row, i);
        else
            ProcessorVector.StorePart(value, row, i, row.IntLength - i);
    }
}

/// <summary>What rows end in.</summary>
internal interface IRowEnds
{
    /// <summary>Whether every vector is whole: no load and no store then has to ask.</summary>
    static abstract bool AreWhole { get; }
}

/// <summary>Rows of whole vectors.</summary>
internal readonly struct WholeVectors : IRowEnds
{
    /// <inheritdoc/>
    public static bool AreWhole => true;
}

/// <summary>Rows whose last vector may be a part.</summary>
internal readonly struct PartVectors : IRowEnds
{
    /// <inheritdoc/>
    public static bool AreWhole => false;
}
