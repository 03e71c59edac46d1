using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// Rows of two, four or eight elements on processors: a vector holds several. What a row sums or compares is found by exchanging neighbours, and stands at each of its places.
/// </summary>
internal static class PackedRows
{
    /// <summary>Whether rows of <paramref name="k"/> elements are packed on <paramref name="device"/>.</summary>
    internal static bool Fits(ComputeDevice device, int k) => VectorRows.OnProcessor(device) && k is 2 or 4 or 8;

    /// <summary>How many vectors the rows take.</summary>
    internal static int Vectors(int rows, int k) => VectorRows.Count<ProcessorVector>(checked(rows * k));

    /// <summary>Vector number <paramref name="vector"/> of a matrix; 0 behind its last element.</summary>
    internal static ProcessorVector Load(ArrayView<float> matrix, int vector) => Load(matrix, (long)vector * ProcessorVector.Width);

    /// <summary>The vector from element <paramref name="start"/> on; 0 behind the last element.</summary>
    internal static ProcessorVector Load(ArrayView<float> matrix, long start)
    {
        int count = Count(matrix, start);
        return ProcessorVector.LoadPart(matrix.SubView(start, count), 0, count, 0f);
    }

    /// <summary>Writes vector number <paramref name="vector"/> of a matrix.</summary>
    internal static void Store(ProcessorVector value, ArrayView<float> matrix, int vector)
    {
        long start = (long)vector * ProcessorVector.Width;
        int count = Count(matrix, start);
        ProcessorVector.StorePart(value, matrix.SubView(start, count), 0, count);
    }

    /// <summary>Writes one number for each row of vector number <paramref name="vector"/> to <paramref name="column"/>, [R, 1].</summary>
    internal static void StoreByRow(ProcessorVector value, ArrayView<float> column, int vector, int k)
    {
        int rows = ProcessorVector.Width / k;
        long start = (long)vector * rows;
        int count = (int)IntrinsicMath.Min(rows, column.Length - start);
        ProcessorVector.StoreEvery(value, column.SubView(start, count), k, count);
    }

    /// <summary>The sum of each row.</summary>
    internal static ProcessorVector Sum(ProcessorVector value, int k)
    {
        value += ProcessorVector.SwapOnes(value);
        if (k > 2)
            value += ProcessorVector.SwapTwos(value);
        if (k > 4)
            value += ProcessorVector.SwapFours(value);
        return value;
    }

    /// <summary>The largest of each row.</summary>
    internal static ProcessorVector Max(ProcessorVector value, int k)
    {
        value = ProcessorVector.Max(value, ProcessorVector.SwapOnes(value));
        if (k > 2)
            value = ProcessorVector.Max(value, ProcessorVector.SwapTwos(value));
        if (k > 4)
            value = ProcessorVector.Max(value, ProcessorVector.SwapFours(value));
        return value;
    }

    /// <summary>1 at the first place of each row whose element is <paramref name="max"/>, the row's largest, at the last where none is, and 0 elsewhere.</summary>
    internal static ProcessorVector OneHot(ProcessorVector value, ProcessorVector max, int k)
    {
        ProcessorVector none = ProcessorVector.Fill(0f), one = ProcessorVector.Fill(1f), last = ProcessorVector.Fill(k - 1), places = ProcessorVector.Places(k);

        // 0 at the largest; what is not a number is neither above 0 nor, one added, above 0.
        ProcessorVector below = max - value;
        ProcessorVector first = Min(ProcessorVector.WherePositive(below, last, ProcessorVector.WherePositive(below + one, places, last)), k);
        ProcessorVector apart = places - first;
        return ProcessorVector.WherePositive(apart * apart, none, one);
    }

    private static ProcessorVector Min(ProcessorVector value, int k)
    {
        value = ProcessorVector.Min(value, ProcessorVector.SwapOnes(value));
        if (k > 2)
            value = ProcessorVector.Min(value, ProcessorVector.SwapTwos(value));
        if (k > 4)
            value = ProcessorVector.Min(value, ProcessorVector.SwapFours(value));
        return value;
    }

    private static int Count(ArrayView<float> matrix, long start) => (int)IntrinsicMath.Min(ProcessorVector.Width, matrix.Length - start);
}
