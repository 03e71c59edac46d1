using ILGPU;

namespace IlgpuVae.Runtime;

/// <summary>A row-major float32 matrix [rows, columns] in device memory. It owns nothing: the memory belongs to an <see cref="Arena"/>.</summary>
/// <param name="View">The elements; exactly <c>Rows * Columns</c> of them.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="Columns">Number of columns; row r starts at element <c>r * Columns</c>.</param>
public readonly record struct Matrix(ArrayView<float> View, int Rows, int Columns)
{
    /// <summary>Number of elements.</summary>
    public long Length => (long)Rows * Columns;

    /// <summary>The same elements as [rows, columns].</summary>
    /// <exception cref="ArgumentException">The number of elements differs.</exception>
    public Matrix Reshape(int rows, int columns) => (long)rows * columns == Length
        ? new Matrix(View, rows, columns)
        : throw new ArgumentException($"[{Rows}, {Columns}] cannot be read as [{rows}, {columns}]: the number of elements differs.");

    /// <summary>The <paramref name="count"/> rows from <paramref name="first"/> on.</summary>
    public Matrix RowRange(int first, int count) => new(View.SubView((long)first * Columns, (long)count * Columns), count, Columns);

    /// <summary>Checks the shape before a launch: kernels do not.</summary>
    /// <exception cref="ArgumentException">The shape is another; the message names the argument and both shapes.</exception>
    public void Require(int rows, int columns, string argument)
    {
        if (Rows != rows || Columns != columns)
            throw new ArgumentException($"{argument} is [{Rows}, {Columns}] but has to be [{rows}, {columns}].", argument);
    }
}
