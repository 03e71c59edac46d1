using ILGPU;

namespace IlgpuVae.Kernels;

/// <summary>
/// Neighbouring elements of a row that a lane works on together, so that one source of a row kernel becomes vector code on processors
/// (<see cref="Vector16"/>) and, on graphics processors, 128-bit memory access (<see cref="Vector4"/>) or an element a lane (<see cref="Scalar"/>). Sums over a row
/// run in Width separate partial sums: no compiler may reorder a single one. A row is a whole number of vectors.
/// </summary>
/// <typeparam name="TSelf">The vector itself.</typeparam>
public interface IVector<TSelf>
    where TSelf : struct, IVector<TSelf>
{
    /// <summary>How many elements it holds.</summary>
    static abstract int Width { get; }

    /// <summary>The same value throughout.</summary>
    static abstract TSelf Fill(float value);

    /// <summary>The elements of <paramref name="row"/> from <paramref name="start"/> on.</summary>
    static abstract TSelf Load(ArrayView<float> row, int start);

    /// <summary>Writes the elements to <paramref name="row"/> from <paramref name="start"/> on.</summary>
    static abstract void Store(TSelf value, ArrayView<float> row, int start);

    /// <summary>a + b.</summary>
    static abstract TSelf operator +(TSelf a, TSelf b);

    /// <summary>a - b.</summary>
    static abstract TSelf operator -(TSelf a, TSelf b);

    /// <summary>a b.</summary>
    static abstract TSelf operator *(TSelf a, TSelf b);

    /// <summary>a b + c, rounded once where the hardware can.</summary>
    static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf c);

    /// <summary>The larger of each pair; the second where one is not a number.</summary>
    static abstract TSelf Max(TSelf a, TSelf b);

    /// <summary>e to each.</summary>
    static abstract TSelf Exp(TSelf a);

    /// <summary>Where <paramref name="test"/> is above 0 <paramref name="value"/>, elsewhere <paramref name="otherwise"/>.</summary>
    static abstract TSelf WherePositive(TSelf test, TSelf value, TSelf otherwise);

    /// <summary>The sum of the elements, always in the same order.</summary>
    static abstract float Sum(TSelf value);

    /// <summary>The largest element.</summary>
    static abstract float Largest(TSelf value);
}
