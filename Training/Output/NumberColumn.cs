using System.Numerics;

namespace IlgpuVae.Training.Output;

/// <summary>A column of numbers: every <paramref name="stride"/>-th of some, so that a column of a matrix is no copy.</summary>
/// <param name="name">What it is called.</param>
/// <param name="values">Where they are: int, long, float or double.</param>
/// <param name="first">Place of the first row's.</param>
/// <param name="stride">Places from row to row.</param>
internal sealed class NumberColumn<T>(string name, T[] values, int first, int stride) : OutputColumn(name, values.Length / stride)
    where T : unmanaged, INumber<T>
{
    /// <summary>The number of a row.</summary>
    public T this[int row] => values[first + (row * stride)];
}
