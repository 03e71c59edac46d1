using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>A factor of a matrix product: a matrix, or its transpose read in place.</summary>
/// <param name="Matrix">The matrix as it lies in memory.</param>
/// <param name="Transposed">Whether the factor is its transpose.</param>
internal readonly record struct Operand(Matrix Matrix, bool Transposed)
{
    /// <summary>Rows of the factor.</summary>
    public int Rows => Transposed ? Matrix.Columns : Matrix.Rows;

    /// <summary>Columns of the factor.</summary>
    public int Columns => Transposed ? Matrix.Rows : Matrix.Columns;

    /// <summary>The matrix as it is.</summary>
    public static implicit operator Operand(Matrix matrix) => FromMatrix(matrix);

    /// <summary>The matrix as it is.</summary>
    public static Operand FromMatrix(Matrix matrix) => new(matrix, false);

    /// <summary>The transpose of <paramref name="matrix"/>.</summary>
    public static Operand Transpose(Matrix matrix) => new(matrix, true);
}
