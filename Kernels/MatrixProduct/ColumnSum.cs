using System.Runtime.CompilerServices;
using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>Column sums of a matrix, always added in the same order: the gradient of a bias, of a prior shared by rows, of the weight of a code.</summary>
internal static class ColumnSum
{
    // Eight float32 numbers are the 32 bytes that a graphics processor's memory moves at once: fewer would be wasted, and more would leave fewer groups at
    // work.
    private const int ColumnsAcross = 8;

    // A lane needs a handful of registers, and what hides the memory's latency is other groups.
    private const int GroupsAtOnce = 4;

    /// <summary>Records sums [1, C] = scale * sum over the rows of values [R, C], in place of what was there or added to it.</summary>
    public static void Record(LaunchList list, Matrix values, Matrix sums, float scale = 1f, bool accumulate = false)
    {
        sums.Require(1, values.Columns, nameof(sums));
        float kept = accumulate ? 1f : 0f;
        if (list.Device.Style == LaunchStyle.Groups)
        {
            int across = Math.Min(ColumnsAcross, list.Device.GroupSize);
            int tiles = (values.Columns + across - 1) / across;
            list.Tiles(
                "column-sum",
                tiles,
                list.Device.GroupSize,
                GroupsAtOnce,
                new Tile(values.View, sums.View, values.Rows, values.Columns, across, scale, kept),
                Cost(values));
        }
        else
        {
            list.Vectors("column-sum", values.Columns, [], new Columns(values.View, sums.View, values.Rows, values.Columns, scale, kept), Cost(values));
        }
    }

    /// <summary>Reads each element once; an addition each.</summary>
    public static KernelCost Cost(Matrix values) => KernelCost.Floats(values.Length + values.Columns, values.Length);

    // A vector of neighbouring columns a thread.
    [OnGroups]
    internal readonly struct Columns(ArrayView<float> values, ArrayView<float> sums, int rows, int columns, float scale, float kept) : IVectorKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void At<TVector>(int column)
            where TVector : struct, IVector<TVector>
        {
            int width = IntrinsicMath.Min(TVector.Width, columns - column);
            TVector sum = TVector.Fill(0f);
            for (int r = 0; r < rows; r++)
                sum += TVector.LoadPart(values.SubView(((long)r * columns) + column, width), 0, width, 0f);

            // Not 0 times what was there, which may be anything.
            ArrayView<float> target = sums.SubView(column, width);
            TVector start = TVector.Fill(0f);
            if (kept != 0f)
                start = TVector.LoadPart(target, 0, width, 0f);
            TVector.StorePart(TVector.MultiplyAdd(TVector.Fill(scale), sum, start), target, 0, width);
        }
    }

    /// <summary>A few neighbouring columns a group: its lanes share their rows, and add up what they found in shared memory.</summary>
    internal readonly struct Tile(ArrayView<float> values, ArrayView<float> sums, int rows, int columns, int across, float scale, float kept) : ITileBody
    {
        private const int MaxLanes = 256;

        void ITileBody.Tile(int tile)
        {
            ArrayView<float> shared = SharedMemory.Allocate<float>(MaxLanes);
            int lane = Group.IdxX;
            int column = (tile * across) + (lane % across);
            float sum = 0f;
            if (column < columns)
            {
                for (int r = lane / across; r < rows; r += Group.DimX / across)
                    sum += values[((long)r * columns) + column];
            }

            shared[lane] = sum;
            Group.Barrier();
            for (int half = Group.DimX / 2; half >= across; half /= 2)
            {
                if (lane < half)
                    shared[lane] += shared[lane + half];
                Group.Barrier();
            }

            if (lane < across && column < columns)
                sums[column] = kept == 0f ? scale * shared[lane] : sums[column] + (scale * shared[lane]);

            // The next tile must not overwrite the sums while a lane still reads them.
            Group.Barrier();
        }
    }
}
