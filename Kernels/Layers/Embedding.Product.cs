using System.Numerics;
using ILGPU;
using ILGPU.Util;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>The embeddings and the gradient of the codes on graphics processors: a small matrix product for each variable.</summary>
internal static partial class Embedding
{
    // Small groups of a product leave no multiprocessor without one where there are a hundred rows.
    private const int ProductLanes = 128;
    private const int GroupsAtOnce = 4;

    // Eight neighbouring numbers are the 32 bytes that a graphics processor's memory moves at once.
    private const int Sector = 8;

    // Columns of a tile, and how much of the depth is in shared memory at a time.
    private const int MostAcross = 32;
    private const int Depth = 32;

    // A warp writes 8 neighbours of 4 neighbouring rows to shared memory, which this distance between neighbours puts into 32 banks.
    private const int Banks = 32;
    private const int MostPitch = (ProductLanes / Sector * Vector4.Width) + Vector4.Width;
    private const int WeightPitch = MostAcross + 1;

    private static void RecordProduct(LaunchList list, string name, Matrix factor, Matrix table, Matrix product, int n, bool transposed)
    {
        Product kernel = new(list.Device, factor, table, product, n, transposed);
        list.Tiles(name, kernel.Count, kernel.Lanes, GroupsAtOnce, kernel, Cost(transposed ? product : factor, table));
    }

    /// <summary>
    /// c[r, n] = a[r, n] T[n], or the same with T[n] transposed. A group has some rows of a variable, a lane a column of four of them; both factors go through
    /// shared memory.
    /// </summary>
    internal readonly struct Product : ITileBody
    {
        private readonly ArrayView<float> factor, table, product;
        private readonly int rows, n, inner, outer, innerStep, outerStep, across, groups, pitch, blocks, log2Sector, log2Across, log2Lanes;

        internal Product(ComputeDevice device, Matrix factor, Matrix table, Matrix product, int n, bool transposed)
        {
            (this.factor, this.table, this.product, this.n) = (factor.View, table.View, product.View, n);
            (rows, inner, outer) = (factor.Rows, factor.Columns / n, product.Columns / n);
            (innerStep, outerStep) = transposed ? (1, inner) : (outer, 1);
            Lanes = Math.Min(ProductLanes, device.GroupSize);
            across = Math.Min(outer, Math.Min(MostAcross, Lanes));
            blocks = (outer + across - 1) / across;
            groups = Lanes / Math.Max(across, Math.Min(Sector, Lanes));
            int rowsOfGroup = groups * Vector4.Width;
            pitch = ((rowsOfGroup + Banks - 1) / Banks * Banks) + Vector4.Width;
            log2Sector = BitOperations.Log2((uint)Math.Min(Sector, Lanes));
            log2Across = BitOperations.Log2((uint)Math.Min(MostAcross, Lanes));
            log2Lanes = BitOperations.Log2((uint)Lanes);
            Count = (rows + rowsOfGroup - 1) / rowsOfGroup * n * blocks;
        }

        /// <summary>How many groups' work there is.</summary>
        internal int Count { get; }

        /// <summary>How many lanes a group has.</summary>
        internal int Lanes { get; }

        public void Tile(int tile)
        {
            ArrayView<Vector4> fours = SharedMemory.Allocate<Vector4>(Depth * MostPitch / Vector4.Width);
            ArrayView<float> weights = SharedMemory.Allocate<float>(Depth * WeightPitch);
            int firstColumn = tile % blocks * across, variable = tile / blocks % n;
            int firstRow = tile / blocks / n * groups * Vector4.Width, group = Group.IdxX / across, column = Group.IdxX - (group * across);

            // Lanes behind the last group do what the first one does, and do not write it.
            int own = Utilities.Select(group < groups, group, 0);
            Vector4 sum = Vector4.Fill(0f);
            for (int start = 0; start < inner; start += Depth)
            {
                int count = IntrinsicMath.Min(Depth, inner - start);
                LoadFactor(fours.Cast<float>(), firstRow, variable, start, count);
                LoadTable(weights, variable, firstColumn, start, count);
                Group.Barrier();
                int at = own, weight = column;
                for (int i = 0; i < count; i++)
                {
                    sum = Vector4.MultiplyAdd(fours[at], Vector4.Fill(weights[weight]), sum);
                    at += pitch / Vector4.Width;
                    weight += WeightPitch;
                }

                Group.Barrier();
            }

            if (group < groups && firstColumn + column < outer)
            {
                int row = firstRow + (group * Vector4.Width);
                Store(row, variable, firstColumn + column, sum.X);
                Store(row + 1, variable, firstColumn + column, sum.Y);
                Store(row + 2, variable, firstColumn + column, sum.Z);
                Store(row + 3, variable, firstColumn + column, sum.W);
            }
        }

        // Whole sectors of some rows, the last one again in place of those behind it: what comes of them is not written.
        private void LoadFactor(ArrayView<float> target, int firstRow, int variable, int start, int count)
        {
            int side = 1 << log2Sector, rowsTogether = 1 << (log2Lanes - log2Sector), first = Group.IdxX & (side - 1);
            for (int r = Group.IdxX >> log2Sector; r < groups * Vector4.Width; r += rowsTogether)
            {
                long from = ((((long)IntrinsicMath.Min(firstRow + r, rows - 1) * n) + variable) * inner) + start + first;
                int to = (first * pitch) + r;
                for (int i = first; i < count; i += side)
                {
                    target[to] = factor[from];
                    from += side;
                    to += side * pitch;
                }
            }
        }

        // Lanes beside each other read what lies beside each other: the depth, or columns, of which the last one stands for those behind it.
        private void LoadTable(ArrayView<float> target, int variable, int firstColumn, int start, int count)
        {
            long first = ((long)variable * inner * outer) + ((long)start * innerStep);
            int side = 1 << log2Across, beside = Group.IdxX & (side - 1), other = Group.IdxX >> log2Across, together = 1 << (log2Lanes - log2Across);
            if (innerStep == 1)
            {
                for (int j = other; j < across; j += together)
                {
                    for (int i = beside; i < count; i += side)
                        target[(i * WeightPitch) + j] = table[first + i + ((long)IntrinsicMath.Min(firstColumn + j, outer - 1) * outerStep)];
                }
            }
            else
            {
                for (int i = other; i < count; i += together)
                {
                    for (int j = beside; j < across; j += side)
                        target[(i * WeightPitch) + j] = table[first + ((long)i * innerStep) + IntrinsicMath.Min(firstColumn + j, outer - 1)];
                }
            }
        }

        private void Store(int row, int variable, int column, float value)
        {
            if (row < rows)
                product[((((long)row * n) + variable) * outer) + column] = value;
        }
    }
}
