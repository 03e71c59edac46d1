using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ILGPU;
using ILGPU.Runtime;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>The way back: a table's row gets the sum of the gradients of all that selected it, always added in the same order.</summary>
internal static partial class TableRows
{
    private const int Lanes = 256;

    // Eight neighbouring columns are the 32 bytes that a graphics processor's memory moves at once; the other lanes of a group share the rows.
    private const int FewestColumns = 8;
    private const int GroupsAtOnce = 4;

    /// <summary>
    /// Records tableGrad[n, k] = the sum over the rows r with z_rn = k of yGrad[r], [N K, E], from yGrad [R, E] of a sum, or of yGrad[r, n] from [R, N E] of
    /// rows side by side; in place of what was there, or added to it.
    /// </summary>
    public static void Backward(LaunchList list, Codes codes, Matrix yGrad, Matrix tableGrad, bool accumulate)
    {
        Check(codes, tableGrad);
        int width = tableGrad.Columns;
        yGrad.Require(codes.Rows, yGrad.Columns == width ? width : codes.Variables * width, nameof(yGrad));
        KernelCost cost = Cost(codes, width).Add(KernelCost.Floats(tableGrad.Length, 0));
        if (list.Device.Style == LaunchStyle.Groups)
        {
            int across = Across(codes, width, list.Device.GroupSize);
            Selectors kernel = new(codes, yGrad, tableGrad, across, accumulate ? 1 : 0);
            list.Tiles("table-rows.grad", codes.Width * ((width + across - 1) / across), list.Device.GroupSize, GroupsAtOnce, kernel, cost);
        }
        else if (Vector512.IsHardwareAccelerated)
        {
            list.Shares("table-rows.grad", new Columns<OneOf512>(codes, yGrad, tableGrad, list.Device.Threads, accumulate), cost);
        }
        else
        {
            list.Shares("table-rows.grad", new Columns<TwoOf256>(codes, yGrad, tableGrad, list.Device.Threads, accumulate), cost);
        }
    }

    // As many lanes side by side as leave each of them several rows to add up.
    private static int Across(Codes codes, int width, int lanes)
    {
        int rows = codes.Range is null ? codes.Rows : codes.Rows / codes.Categories, across = lanes;
        while (across > FewestColumns && (across / 2 >= width || rows > Lanes / across))
            across /= 2;
        return across;
    }

    /// <summary>
    /// On a processor a thread has some columns of the whole table: it goes through the codes in order and adds each row of the gradient to the rows that its
    /// code selected, which are in the cache where the table is small. Every number of the gradient is read once.
    /// </summary>
    internal readonly unsafe struct Columns<T> : IShares
        where T : struct, ISixteen<T>
    {
        private const int SharesPerThread = 2;

        private readonly int* numbers;
        private readonly float* yGrad, tableGrad;
        private readonly int rows, n, k, width, gradWidth, block;
        private readonly bool accumulates;

        internal Columns(Codes codes, Matrix yGrad, Matrix tableGrad, int threads, bool accumulate)
        {
            numbers = (int*)codes.Numbers.LoadEffectiveAddressAsPtr();
            this.yGrad = (float*)yGrad.View.LoadEffectiveAddressAsPtr();
            this.tableGrad = (float*)tableGrad.View.LoadEffectiveAddressAsPtr();
            (rows, n, k, width, gradWidth, accumulates) = (codes.Rows, codes.Variables, codes.Categories, tableGrad.Columns, yGrad.Columns, accumulate);
            int vectors = (width + T.Width - 1) / T.Width, shares = Math.Clamp(SharesPerThread * threads, 1, Math.Max(1, vectors));
            block = (vectors + shares - 1) / shares * T.Width;
            Count = (width + block - 1) / Math.Max(1, block);
        }

        public int Count { get; }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Do(int share)
        {
            int column = share * block, end = Math.Min(width, column + block);
            for (int row = 0; row < n * k && !accumulates; row++)
                new Span<float>(tableGrad + ((nint)row * width) + column, end - column).Clear();

            // From one variable's gradient to the next: none where all have the same.
            int apart = gradWidth == width ? 0 : width;
            int* number = numbers;
            for (int row = 0; row < rows; row++)
            {
                float* source = yGrad + ((nint)row * gradWidth);
                for (int variable = 0; variable < n; variable++, source += apart)
                {
                    float* target = tableGrad + ((((nint)variable * k) + *number++) * width);
                    for (int i = column; i < end; i += T.Width)
                        T.StorePart(T.LoadPart(target + i, end - i, 0f) + T.LoadPart(source + i, end - i, 0f), target + i, end - i);
                }
            }
        }
    }

    /// <summary>
    /// On a graphics processor a group has some columns of one row of the table: its lanes share the rows of the gradient that selected it, and add up what
    /// they found in shared memory. Of an enumeration it is known which rows these are; of samples all are asked.
    /// </summary>
    internal readonly struct Selectors : ITileBody
    {
        private readonly ArrayView<int> numbers;
        private readonly ArrayView<float> yGrad, tableGrad;
        private readonly int rows, n, k, width, gradWidth, across, accumulate, first, perExample;

        internal Selectors(Codes codes, Matrix yGrad, Matrix tableGrad, int across, int accumulate)
        {
            (numbers, this.yGrad, this.tableGrad) = (codes.Numbers, yGrad.View, tableGrad.View);
            (rows, n, k, width, gradWidth) = (codes.Rows, codes.Variables, codes.Categories, tableGrad.Columns, yGrad.Columns);
            (this.across, this.accumulate) = (across, accumulate);
            (first, perExample) = codes.Range is { } range ? (range.First, range.Count) : (0, 0);
        }

        public void Tile(int tile)
        {
            ArrayView<float> shared = SharedMemory.Allocate<float>(Lanes);
            int lane = Group.IdxX, blocks = (width + across - 1) / across;
            int row = tile / blocks, variable = row / k, category = row % k;
            int column = (tile % blocks * across) + (lane % across);
            float sum = 0f;
            if (column < width)
                sum = perExample == 0 ? OfSamples(variable, category, column, lane / across) : OfRange(variable, category, column, lane / across);
            shared[lane] = sum;
            Group.Barrier();
            for (int half = Group.DimX / 2; half >= across; half /= 2)
            {
                if (lane < half)
                    shared[lane] += shared[lane + half];
                Group.Barrier();
            }

            if (lane < across && column < width)
            {
                long at = ((long)row * width) + column;
                tableGrad[at] = accumulate == 0 ? shared[lane] : tableGrad[at] + shared[lane];
            }

            // The next tile must not overwrite the sums while a lane still reads them.
            Group.Barrier();
        }

        private float OfSamples(int variable, int category, int column, int start)
        {
            float sum = 0f;
            for (int r = start; r < rows; r += Group.DimX / across)
            {
                if (numbers[((long)r * n) + variable] == category)
                    sum += Gradient(r, variable, column);
            }

            return sum;
        }

        // Codes with the category are runs of neighbours, a run of each category after the other: those of the range are numbered through, and found by their
        // number.
        private float OfRange(int variable, int category, int column, int start)
        {
            int run = 1;
            for (int later = n - 1; later > variable; later--)
                run *= k;
            int before = Before(first, run, category), here = Before(first + perExample, run, category) - before;
            int selectors = rows / perExample * here;
            float sum = 0f;
            for (int i = start; i < selectors; i += Group.DimX / across)
            {
                int example = i / here, number = before + i - (example * here), whole = number / run;
                int code = (((whole * k) + category) * run) + number - (whole * run);
                sum += Gradient((example * perExample) + code - first, variable, column);
            }

            return sum;
        }

        // How many of the codes before code have the category.
        private int Before(int code, int run, int category)
        {
            int period = run * k, rest = (code % period) - (category * run);
            return (code / period * run) + IntrinsicMath.Clamp(rest, 0, run);
        }

        private float Gradient(int row, int variable, int column) => yGrad[((long)row * gradWidth) + (gradWidth == width ? 0 : variable * width) + column];
    }
}
