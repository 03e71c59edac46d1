using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>Two matrices side by side: [x, c] of x [R, A] and c [R, C] is [R, A + C], what an encoder of examples and their contexts reads.</summary>
internal static class Concatenation
{
    /// <summary>Records result [R, A + C].</summary>
    public static void Record(LaunchList list, Matrix left, Matrix right, Matrix result)
    {
        right.Require(left.Rows, right.Columns, nameof(right));
        result.Require(left.Rows, left.Columns + right.Columns, nameof(result));
        list.Matrix("concatenation", result.Rows, result.Columns, new Body(left.View, right.View, result.View, left.Columns, right.Columns), Cost(result));
    }

    /// <summary>Reads and writes each element once.</summary>
    public static KernelCost Cost(Matrix result) => KernelCost.Floats(2 * result.Length, 0);

    internal readonly struct Body(ArrayView<float> left, ArrayView<float> right, ArrayView<float> result, int leftWidth, int rightWidth) : IMatrixBody
    {
        public void At(int row, int column, int i)
        {
            if (column < leftWidth)
                result[i] = left[((long)row * leftWidth) + column];
            else
                result[i] = right[((long)row * rightWidth) + column - leftWidth];
        }
    }
}
