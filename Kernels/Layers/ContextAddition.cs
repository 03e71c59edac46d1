using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// What an example's context adds to the pre-activation of each of its rows. Of R rows, R a multiple of B, row r belongs to example r / (R / B):
/// <code>
/// y[r] = act(x[r] + c[r / (R / B)])        cGrad[b] = sum over the rows r of example b of xGrad[r]
/// </code>
/// A linear layer on the concatenation (z, c) is z W_z + (c W_c + b); the part in brackets is the same for all rows of an example and computed once.
/// </summary>
internal static class ContextAddition
{
    /// <summary>Records y [R, H] from x [R, H] and c [B, H]; y may be x.</summary>
    public static void Forward(LaunchList list, ActivationKind activation, Matrix x, Matrix c, Matrix y)
    {
        int rowsPerExample = RowsPerExample(x, c);
        y.Require(x.Rows, x.Columns, nameof(y));
        list.Matrix("context.add", x.Rows, x.Columns, new ForwardBody(x.View, c.View, y.View, rowsPerExample, x.Columns, activation), Cost(x, c));
    }

    /// <summary>Records cGrad [B, H] from xGrad [R, H], always added in the same order, in place of what was there or added to it.</summary>
    public static void Backward(LaunchList list, Matrix xGrad, Matrix cGrad, bool accumulate)
    {
        int rowsPerExample = RowsPerExample(xGrad, cGrad);
        list.Matrix(
            "context.grad",
            cGrad.Rows,
            cGrad.Columns,
            new BackwardBody(xGrad.View, cGrad.View, rowsPerExample, cGrad.Columns, accumulate ? 1 : 0),
            Cost(xGrad, cGrad));
    }

    /// <summary>Goes once over the rows and the context's part; an addition and an activation an element.</summary>
    public static KernelCost Cost(Matrix rows, Matrix context) => KernelCost.Floats((2 * rows.Length) + context.Length, 2 * rows.Length);

    private static int RowsPerExample(Matrix rows, Matrix context)
    {
        if (context.Rows == 0 || rows.Rows % context.Rows != 0 || rows.Columns != context.Columns)
            throw new ArgumentException(
                $"the rows are [{rows.Rows}, {rows.Columns}] and the context's part is [{context.Rows}, {context.Columns}]: it needs as many columns, and a "
                    + "divisor of as many rows.",
                nameof(context));
        return rows.Rows / context.Rows;
    }

    internal readonly struct ForwardBody(
        ArrayView<float> x, ArrayView<float> c, ArrayView<float> y, int rowsPerExample, int width, ActivationKind activation) : IMatrixBody
    {
        public void At(int row, int column, int i) => y[i] = ActivationFunction.Value(activation, x[i] + c[((long)(row / rowsPerExample) * width) + column]);
    }

    internal readonly struct BackwardBody(ArrayView<float> xGrad, ArrayView<float> cGrad, int rowsPerExample, int width, int accumulate) : IMatrixBody
    {
        public void At(int row, int column, int i)
        {
            ArrayView<float> rows = xGrad.SubView((long)row * rowsPerExample * width, (long)rowsPerExample * width);
            float sum = accumulate == 1 ? cGrad[i] : 0f;
            for (int r = 0; r < rowsPerExample; r++)
                sum += rows[((long)r * width) + column];
            cGrad[i] = sum;
        }
    }
}
