using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>Column sums of a matrix, always added in the same order: the gradient of a bias, of a prior shared by rows, of the weight of a code.</summary>
public static class ColumnSum
{
    /// <summary>Records sums [1, C] = scale * sum over the rows of values [R, C], in place of what was there or added to it.</summary>
    public static void Record(LaunchList list, Matrix values, Matrix sums, float scale = 1f, bool accumulate = false)
    {
        sums.Require(1, values.Columns, nameof(sums));
        float kept = accumulate ? 1f : 0f;
        if (list.Device.Style == LaunchStyle.OneLane)
        {
            int blocks = (values.Columns + Vector16.Width - 1) / Vector16.Width;
            list.RowPerLane("column-sum", blocks, new Blocks(values.View, sums.View, values.Rows, values.Columns, scale, kept), Cost(values));
        }
        else
        {
            list.Elements("column-sum", values.Columns, new Column(values.View, sums.View, values.Rows, values.Columns, scale, kept), Cost(values));
        }
    }

    /// <summary>Reads each element once; an addition each.</summary>
    public static KernelCost Cost(Matrix values) => KernelCost.Floats(values.Length + values.Columns, values.Length);

    /// <summary>Sixteen neighbouring columns a lane: whole vectors on processors.</summary>
    internal readonly struct Blocks(ArrayView<float> values, ArrayView<float> sums, int rows, int columns, float scale, float kept) : IRowBody
    {
        public void Row(int row)
        {
            int column = row * Vector16.Width;
            int width = IntrinsicMath.Min(Vector16.Width, columns - column);
            Vector16 sum = Vector16.Fill(0f);
            if (width == Vector16.Width)
            {
                for (int r = 0; r < rows; r++)
                    sum += Vector16.Load(values, ((long)r * columns) + column);
            }
            else
            {
                for (int r = 0; r < rows; r++)
                    sum += Vector16.LoadPart(values, ((long)r * columns) + column, width, 0f);
            }

            // Not 0 times what was there, which may be anything.
            Vector16 start = kept == 0f ? Vector16.Fill(0f) : Vector16.LoadPart(sums, column, width, 0f);
            sum = Vector16.MultiplyAdd(Vector16.Fill(scale), sum, start);
            sum.StorePart(sums, column, width);
        }
    }

    /// <summary>A column a lane: neighbouring lanes read neighbouring elements on graphics processors.</summary>
    internal readonly struct Column(ArrayView<float> values, ArrayView<float> sums, int rows, int columns, float scale, float kept) : IElementBody
    {
        public void At(int i)
        {
            float sum = 0f;
            for (int r = 0; r < rows; r++)
                sum += values[((long)r * columns) + i];
            sums[i] = kept == 0f ? scale * sum : sums[i] + (scale * sum);
        }
    }
}
