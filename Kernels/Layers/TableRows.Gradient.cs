using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ILGPU.Runtime;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>The way back: a table's row gets the sum of the gradients of all that selected it, always added in the same order.</summary>
internal static partial class TableRows
{
    // Eight neighbouring columns are the 32 bytes that a graphics processor's memory moves at once; the other lanes of a group share the rows.
    private const int ColumnsAcross = 8;

    // So many numbers of the gradient a lane has on their way at once.
    private const int RowsTogether = 4;

    // What a lane of a group adds up in: rows of the table, and one more for what selected none of them. With the numbers of some codes they fill the 48 KiB
    // that a group may have.
    private const int MostLanes = 128;
    private const int MostEntries = 87;
    private const int NumbersAtOnce = 1024;
    private const int MostVariables = NumbersAtOnce / (RowsTogether * MostLanes / ColumnsAcross);
    private const int GroupsAtOnce = 4;

    // To read a row's gradient and to find out where it goes takes as long as to add it to so many variables' sums.
    private const int ReadingCost = 1;

    // A lane that adds up more rows alone would keep its group waiting.
    private const int MostRowsOfALane = 32;

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
        if (list.Device.Style == LaunchStyle.Groups && codes is { Variables: 1, Range: { } range } && codes.Rows / range.Count <= MostRowsOfALane)
        {
            list.MatrixVectors(
                "table-rows.grad",
                codes.Width,
                width,
                vector => (width + vector - 1) / vector,
                [yGrad.View, tableGrad.View],
                new OneSelector(range, yGrad.View, tableGrad.View, codes.Rows, width, accumulate ? 1 : 0),
                cost);
        }
        else if (list.Device.Style == LaunchStyle.Groups)
        {
            Selectors kernel = new(list.Device, codes, yGrad, tableGrad, accumulate ? 1 : 0);
            list.Tiles("table-rows.grad", kernel.Count, kernel.Lanes, GroupsAtOnce, kernel, cost);
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
}
