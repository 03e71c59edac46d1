using System.Numerics;
using ILGPU;
using ILGPU.Util;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>The table's gradient on graphics processors.</summary>
internal static partial class TableRows
{
    /// <summary>
    /// A group has a few columns of the table's rows of some variables, and its lanes share the rows of the gradient. A lane adds each to the rows of the table
    /// that its code selected, in shared memory of its own, so that a number of the gradient is read once for all these variables; the lanes' sums are added up
    /// at the end.
    /// </summary>
    internal readonly struct Selectors : ITileBody
    {
        private readonly ArrayView<int> numbers;
        private readonly ArrayView<float> yGrad, tableGrad;
        private readonly int rows, n, k, width, gradWidth, across, log2Across, accumulate, variables, categories, rowsAtOnce, together, apart, numbersTogether;

        internal Selectors(ComputeDevice device, Codes codes, Matrix yGrad, Matrix tableGrad, int accumulate)
        {
            (numbers, this.yGrad, this.tableGrad, this.accumulate) = (codes.Numbers, yGrad.View, tableGrad.View, accumulate);
            (rows, n, k, width, gradWidth) = (codes.Rows, codes.Variables, codes.Categories, tableGrad.Columns, yGrad.Columns);
            Lanes = Math.Min(MostLanes, device.GroupSize);
            across = Math.Min(ColumnsAcross, Lanes);
            log2Across = BitOperations.Log2((uint)across);
            int parts = Parts(k, MostEntries), blocks = Parts(width, across), slots = Lanes / across;
            categories = Parts(k, parts);

            // Variables that have gradients of their own share no reading. Others do, but for what would leave multiprocessors without a group.
            int most = gradWidth == width && parts == 1 ? Math.Min(Math.Min(n, MostVariables), Math.Min(Lanes, MostEntries / k)) : 1;
            variables = FastestShare(n, most, blocks, Math.Max(1, device.Accelerator.NumMultiprocessors));
            together = RowsTogether * slots;
            apart = slots * variables;
            numbersTogether = Lanes / variables * variables;
            rowsAtOnce = NumbersAtOnce / variables / together * together;
            Count = Parts(n, variables) * parts * blocks;
        }

        /// <summary>How many groups' work there is.</summary>
        internal int Count { get; }

        /// <summary>How many lanes a group has.</summary>
        internal int Lanes { get; }

        public void Tile(int tile)
        {
            ArrayView<float> sums = SharedMemory.Allocate<float>((MostEntries + 1) * MostLanes);
            ArrayView<int> places = SharedMemory.Allocate<int>(NumbersAtOnce);
            int blocks = (width + across - 1) / across, parts = (k + categories - 1) / categories;
            int block = tile % blocks, part = tile / blocks % parts, firstVariable = tile / blocks / parts * variables;

            // Behind the last column a lane adds up the last one once more, for nothing. PoCL compiles a branch around the loops wrongly.
            int column = IntrinsicMath.Min((block * across) + (Group.IdxX & (across - 1)), width - 1);
            for (int entry = 0; entry <= variables * categories; entry++)
                sums[(entry * Group.DimX) + Group.IdxX] = 0f;
            for (int start = 0; start < rows; start += rowsAtOnce)
            {
                int count = IntrinsicMath.Min(rowsAtOnce, rows - start);
                FindPlaces(places, start, count, firstVariable, part * categories);
                Group.Barrier();
                long first = ((long)start * gradWidth) + (gradWidth == width ? 0 : firstVariable * width) + column;
                if (categories < k)
                    AddSome(sums, places, count, first);
                else
                    AddAll(sums, places, count, first);
                Group.Barrier();
            }

            Store(sums, block * across, firstVariable, part * categories);

            // The next tile must not overwrite the sums while a lane still reads them.
            Group.Barrier();
        }

        private static int Parts(int count, int size) => (count + size - 1) / size;

        // How many of n variables a group should have: multiprocessors do all groups in rounds.
        private static int FastestShare(int n, int most, int blocks, int multiprocessors) =>
            Enumerable.Range(1, most).MinBy(variables => (ReadingCost + variables) * Parts(Parts(n, variables) * blocks, multiprocessors));

        // Where in shared memory the codes' variables add to, a lane's own place left out: behind the last entry where it is another group's category, behind
        // the last variable, and in the rows behind the last one that AddAll goes through. A lane stays with one variable: no number takes a division, nor
        // does what divides it stand in the loop, where the compiler would put it.
        private void FindPlaces(ArrayView<int> places, int start, int count, int firstVariable, int firstCategory)
        {
            int first = Group.IdxX / variables, atOnce = Group.DimX / variables;
            long from = ((long)(start + first) * n) + firstVariable + Group.IdxX - (first * variables), step = (long)atOnce * n;
            int end = (count + together - 1) & -together, row = first;
            for (int i = Group.IdxX < numbersTogether ? Group.IdxX : end * variables; i < end * variables; i += numbersTogether)
            {
                int variable = i - (row * variables), category = -1;
                if (row < count && firstVariable + variable < n)
                    category = numbers[from] - firstCategory;
                int entry = Utilities.Select(category >= 0 && category < categories, (variable * categories) + category, variables * categories);
                places[i] = entry * Group.DimX;
                row += atOnce;
                from += step;
            }
        }

        // Several rows at a time, so that a lane does not wait for one after the other.
        private void AddAll(ArrayView<float> sums, ArrayView<int> places, int count, long first)
        {
            int slots = Group.DimX >> log2Across, last = count - 1;
            for (int r = Group.IdxX >> log2Across; r < count; r += together)
            {
                float value0 = Gradient(first, r), value1 = Gradient(first, IntrinsicMath.Min(r + slots, last));
                float value2 = Gradient(first, IntrinsicMath.Min(r + (2 * slots), last)), value3 = Gradient(first, IntrinsicMath.Min(r + (3 * slots), last));
                int i = r * variables;
                for (int variable = 0; variable < variables; variable++)
                {
                    sums[places[i] + Group.IdxX] += value0;
                    sums[places[i + apart] + Group.IdxX] += value1;
                    sums[places[i + (2 * apart)] + Group.IdxX] += value2;
                    sums[places[i + (3 * apart)] + Group.IdxX] += value3;
                    i++;
                }
            }
        }

        // One variable's categories in part: what is another group's is not read.
        private void AddSome(ArrayView<float> sums, ArrayView<int> places, int count, long first)
        {
            for (int r = Group.IdxX >> log2Across; r < count; r += Group.DimX >> log2Across)
            {
                int place = places[r];
                if (place < categories * Group.DimX)
                    sums[place + Group.IdxX] += Gradient(first, r);
            }
        }

        private float Gradient(long first, int row) => yGrad[first + ((long)row * gradWidth)];

        private void Store(ArrayView<float> sums, int firstColumn, int firstVariable, int firstCategory)
        {
            int slots = Group.DimX >> log2Across;
            for (int i = Group.IdxX; i < variables * categories * across; i += Group.DimX)
            {
                int entry = i >> log2Across, column = i & (across - 1), variable = entry / categories;
                int category = firstCategory + entry - (variable * categories);
                ArrayView<float> lanes = sums.SubView(entry * Group.DimX, Group.DimX);

                // Entries start at different lanes: those of a warp would all find their sums in the same bank. Slots are a power of two.
                float sum = 0f;
                for (int slot = entry; slot < entry + slots; slot++)
                    sum += lanes[((slot & (slots - 1)) * across) + column];
                if (firstColumn + column < width && firstVariable + variable < n && category < k)
                {
                    long at = ((((long)(firstVariable + variable) * k) + category) * width) + firstColumn + column;
                    tableGrad[at] = accumulate == 0 ? sum : tableGrad[at] + sum;
                }
            }
        }
    }

    /// <summary>Of an enumeration of one variable it is known who selected a row of the table: one code an example at most.</summary>
    internal readonly struct OneSelector(CodeRange range, ArrayView<float> yGrad, ArrayView<float> tableGrad, int rows, int width, int accumulate)
        : IMatrixVectorKernel
    {
        private readonly int first = range.First, perExample = range.Count;

        public void At<TVector>(int row, int piece)
            where TVector : struct, IVector<TVector>
        {
            int start = piece * TVector.Width, count = IntrinsicMath.Min(TVector.Width, width - start), code = row - first;
            ArrayView<float> target = tableGrad.SubView(((long)row * width) + start, count);
            TVector sum = TVector.Fill(0f);
            if (accumulate != 0)
                sum = TVector.LoadPart(target, 0, count, 0f);
            for (int r = code; code >= 0 && code < perExample && r < rows; r += perExample)
                sum += TVector.LoadPart(yGrad.SubView(((long)r * width) + start, count), 0, count, 0f);
            TVector.StorePart(sum, target, 0, count);
        }
    }
}
