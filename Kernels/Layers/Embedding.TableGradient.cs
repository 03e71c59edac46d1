using System.Numerics;
using ILGPU;
using ILGPU.Util;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>The gradient of the table on graphics processors.</summary>
internal static partial class Embedding
{
    private const int MostLanes = 256;

    // What is in shared memory at a time: rows, and fours of categories.
    private const int RowsAtOnce = 128;
    private const int MostQuads = 16;

    private static void RecordTableGrad(LaunchList list, Matrix codes, Matrix embeddedGrad, Matrix tableGrad, int n, int accumulate)
    {
        TableGrad kernel = new(list.Device, codes, embeddedGrad, tableGrad, n, accumulate);
        list.Tiles("embedding.table-grad", kernel.Count, kernel.Lanes, GroupsAtOnce, kernel, Cost(codes, tableGrad));
    }

    /// <summary>
    /// A group has a few columns of a variable's rows of the table. A lane has four categories of a column and shares the codes with the lanes of the other
    /// slots, whose sums are added up at the end.
    /// </summary>
    internal readonly struct TableGrad : ITileBody
    {
        private readonly ArrayView<float> codes, embeddedGrad, tableGrad;
        private readonly int rows, n, k, width, accumulate, across, quads, slots, log2Lanes, log2Across, log2Side, columnBlocks, categoryBlocks;

        internal TableGrad(ComputeDevice device, Matrix codes, Matrix embeddedGrad, Matrix tableGrad, int n, int accumulate)
        {
            (this.codes, this.embeddedGrad, this.tableGrad) = (codes.View, embeddedGrad.View, tableGrad.View);
            (rows, this.n, k, width, this.accumulate) = (codes.Rows, n, codes.Columns / n, tableGrad.Columns, accumulate);
            Lanes = Math.Min(MostLanes, device.GroupSize);
            across = Math.Clamp(Lanes / Vector4.Width, 1, Sector);
            quads = Math.Min((k + Vector4.Width - 1) / Vector4.Width, Math.Min(MostQuads, Lanes / across));
            slots = Lanes / (across * quads);
            log2Lanes = BitOperations.Log2((uint)Lanes);
            log2Across = BitOperations.Log2((uint)across);
            log2Side = Math.Min(log2Lanes, BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)(quads * Vector4.Width))));
            columnBlocks = Blocks(width, across);
            categoryBlocks = Blocks(k, quads * Vector4.Width);
            Count = n * columnBlocks * categoryBlocks;
        }

        /// <summary>How many groups' work there is.</summary>
        internal int Count { get; }

        /// <summary>How many lanes a group has.</summary>
        internal int Lanes { get; }

        public void Tile(int tile)
        {
            ArrayView<Vector4> weights = SharedMemory.Allocate<Vector4>(RowsAtOnce * MostQuads);
            ArrayView<float> grads = SharedMemory.Allocate<float>(RowsAtOnce * Sector);
            int blocks = columnBlocks * categoryBlocks, variable = tile / blocks;
            int firstColumn = tile % columnBlocks * across, firstCategory = tile % blocks / columnBlocks * quads * Vector4.Width;
            int slot = Group.IdxX / (across * quads), place = Group.IdxX - (slot * across * quads);
            Vector4 sum = Vector4.Fill(0f);
            for (int start = 0; start < rows; start += RowsAtOnce)
            {
                int count = IntrinsicMath.Min(RowsAtOnce, rows - start);
                Load(weights.Cast<float>(), codes, start, count, k, variable, firstCategory, quads * Vector4.Width, log2Side);
                Load(grads, embeddedGrad, start, count, width, variable, firstColumn, across, log2Across);
                Group.Barrier();
                int weight = (slot * quads) + (place >> log2Across), grad = (slot * across) + (place & (across - 1));
                for (int r = Utilities.Select(slot < slots, slot, count); r < count; r += slots)
                {
                    sum = Vector4.MultiplyAdd(weights[weight], Vector4.Fill(grads[grad]), sum);
                    weight += slots * quads;
                    grad += slots * across;
                }

                Group.Barrier();
            }

            Store(sum, variable, firstCategory, firstColumn);
        }

        private static int Blocks(int count, int size) => (count + size - 1) / size;

        // Some columns of a variable's rows to shared memory, the last one again in place of those behind it: what comes of them is not written.
        private void Load(
            ArrayView<float> target, ArrayView<float> source, int start, int count, int columns, int variable, int first, int wanted, int log2Beside)
        {
            int side = 1 << log2Beside, rowsTogether = 1 << (log2Lanes - log2Beside), row = Group.IdxX >> log2Beside;
            for (int i = Group.IdxX & (side - 1); i < wanted; i += side)
            {
                long from = ((((long)(start + row) * n) + variable) * columns) + IntrinsicMath.Min(first + i, columns - 1);
                int to = (row * wanted) + i;
                for (int r = row; r < count; r += rowsTogether)
                {
                    target[to] = source[from];
                    from += (long)n * columns * rowsTogether;
                    to += wanted * rowsTogether;
                }
            }
        }

        private void Store(Vector4 sum, int variable, int firstCategory, int firstColumn)
        {
            ArrayView<float> sums = SharedMemory.Allocate<float>(MostLanes * Vector4.Width);
            int lanes = Group.DimX, together = across * quads;
            sums[Group.IdxX] = sum.X;
            sums[lanes + Group.IdxX] = sum.Y;
            sums[(2 * lanes) + Group.IdxX] = sum.Z;
            sums[(3 * lanes) + Group.IdxX] = sum.W;
            Group.Barrier();
            for (int i = Group.IdxX; i < together * Vector4.Width; i += lanes)
            {
                int part = i / together, place = i - (part * together);
                int category = firstCategory + ((place >> log2Across) * Vector4.Width) + part, column = firstColumn + (place & (across - 1));
                float total = 0f;
                for (int slot = 0; slot < slots; slot++)
                    total += sums[(part * lanes) + (slot * together) + place];
                if (category < k && column < width)
                {
                    long at = ((((long)variable * k) + category) * width) + column;
                    tableGrad[at] = accumulate == 0 ? total : tableGrad[at] + total;
                }
            }

            // The next tile must not overwrite the sums while a lane still reads them.
            Group.Barrier();
        }
    }
}
