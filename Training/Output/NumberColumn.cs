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
    private readonly T[] values = values;
    private readonly int first = first, stride = stride;

    /// <summary>The number of a row.</summary>
    public T this[int row] => values[first + (row * stride)];

    /// <summary>The numbers of a row in this column and the next, <paramref name="columns"/> in all, that stand beside it.</summary>
    public ReadOnlySpan<T> Row(int row, int columns) => values.AsSpan(first + (row * stride), columns);

    /// <inheritdoc/>
    public override bool IsBeside(OutputColumn next) =>
        next is NumberColumn<T> other && other.values == values && other.stride == stride && other.first == first + 1;
}
