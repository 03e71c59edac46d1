using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>Turns a batch X [B, D] into the statistic T(x) that a likelihood's natural form wants.</summary>
internal static class DataStatistic
{
    /// <summary>Records statistic [B, 2 D] = (y, y^2) of y = x - centre, for the Gaussian; centre [1, D], or null for 0.</summary>
    public static void WithSquares(LaunchList list, Matrix batch, Matrix? centre, Matrix statistic)
    {
        centre?.Require(1, batch.Columns, nameof(centre));
        statistic.Require(batch.Rows, 2 * batch.Columns, nameof(statistic));
        list.Matrix(
            "statistic.squares",
            batch.Rows,
            batch.Columns,
            new SquaresBody(batch.View, centre?.View ?? default, statistic.View, batch.Columns),
            KernelCost.Floats(3 * batch.Length, batch.Length));
    }

    /// <summary>Records statistic [B, D V], one-hot in level round(x * levelScale) of V, for the categorical; levels beyond the last count as it.</summary>
    public static void OneHot(LaunchList list, Matrix batch, Matrix statistic, int levels, float levelScale)
    {
        statistic.Require(batch.Rows, levels * batch.Columns, nameof(statistic));
        list.Matrix(
            "statistic.one-hot",
            statistic.Rows,
            statistic.Columns,
            new OneHotBody(batch.View, statistic.View, batch.Columns, levels, levelScale),
            KernelCost.Floats(batch.Length + statistic.Length, statistic.Length));
    }

    internal readonly struct SquaresBody(ArrayView<float> batch, ArrayView<float> centre, ArrayView<float> statistic, int width) : IMatrixBody
    {
        public void At(int row, int column, int i)
        {
            float y = batch[i];
            if (centre.Length > 0)
                y -= centre[column];
            ArrayView<float> target = statistic.SubView((long)row * 2 * width, 2 * width);
            target[column] = y;
            target[width + column] = y * y;
        }
    }

    internal readonly struct OneHotBody(ArrayView<float> batch, ArrayView<float> statistic, int width, int levels, float levelScale) : IMatrixBody
    {
        public void At(int row, int column, int i)
        {
            float x = batch[((long)row * width) + (column / levels)];
            int level = IntrinsicMath.Min((int)((x * levelScale) + 0.5f), levels - 1);
            statistic[i] = level == column % levels ? 1f : 0f;
        }
    }
}
