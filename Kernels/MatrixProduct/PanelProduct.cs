using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// C = op(A) op(B) for processors. A lane packs a panel of B, [depth, W] with W the width of a vector, into scratch, then sweeps the rows of A in tiles of
/// six: 6 x W sums stay in registers while one row of the panel is multiplied by six numbers of A.
/// </summary>
/// <remarks>Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 34(3), 2008.</remarks>
internal static class PanelProduct
{
    // Twelve registers of 256 bits for the sums, two for the panel and one for a number of A: the sixteen that AVX2 has. Eight rows would spill.
    private const int TileRows = 6;

    // A task packs its own panel, so it should sweep many rows; but all lanes need work.
    private const int SmallestRowBlock = 32;

    internal static void Record(LaunchList list, Operand a, Operand b, Matrix c, Epilogue epilogue, KernelCost cost)
    {
        if (VectorRows.OnProcessor(list.Device))
            Record<ProcessorVector>(list, a, b, c, epilogue, cost);
        else
            Record<Scalar>(list, a, b, c, epilogue, cost);
    }

    private static void Record<TVector>(LaunchList list, Operand a, Operand b, Matrix c, Epilogue epilogue, KernelCost cost)
        where TVector : struct, ISquareVector<TVector>
    {
        int m = a.Rows, n = b.Columns, depth = a.Columns;
        int panels = VectorRows.Count<TVector>(n);
        int slots = list.Device.Shares;
        int rowBlocks = Math.Clamp((2 * slots + panels - 1) / panels, 1, Math.Max(1, m / SmallestRowBlock));
        int rowBlock = ((m + rowBlocks - 1) / rowBlocks + TileRows - 1) / TileRows * TileRows;
        rowBlocks = (m + rowBlock - 1) / rowBlock;
        Body<TVector> body = new()
        {
            A = a.Matrix.View,
            B = b.Matrix.View,
            C = c.View,
            Scratch = list.Device.Scratch,
            Bias = epilogue.Bias,
            Outputs = epilogue.ActivationOutputs,
            RightSums = epilogue.RightSums,
            M = m,
            N = n,
            Depth = depth,
            Panels = panels,
            RowBlock = rowBlock,
            RowStride = a.Transposed ? 1 : a.Matrix.Columns,
            DepthStride = a.Transposed ? a.Matrix.Columns : 1,
            TransposedB = b.Transposed ? 1 : 0,
            Activation = epilogue.Activation,
            HasBias = epilogue.Bias.Length > 0 ? 1 : 0,
            HasRightSums = epilogue.RightSums.Length > 0 ? 1 : 0,
            IsGradient = epilogue.ActivationOutputs.Length > 0 ? 1 : 0,
            Accumulate = epilogue.Accumulate ? 1 : 0,
        };
        list.Tasks("matmul.panel", panels * rowBlocks, slots, body, cost);
    }

    [OnGroups]
    internal struct Body<TVector> : ITaskBody
        where TVector : struct, ISquareVector<TVector>
    {
        internal ArrayView<float> A, B, C, Scratch, Bias, Outputs, RightSums;
        internal int M, N, Depth, Panels, RowBlock, RowStride, DepthStride, TransposedB, HasBias, HasRightSums, IsGradient, Accumulate;
        internal ActivationKind Activation;

        // As deep as a lane's share of the scratch memory allows.
        private static int PanelDepth => ComputeDevice.ScratchFloatsPerShare / TVector.Width;

        public readonly void Task(int task, int slot)
        {
            int column = task % Panels * TVector.Width;
            int width = IntrinsicMath.Min(TVector.Width, N - column);
            int firstRow = task / Panels * RowBlock;
            int endRow = IntrinsicMath.Min(M, firstRow + RowBlock);
            ArrayView<float> panel = Scratch.SubView((long)slot * ComputeDevice.ScratchFloatsPerShare, ComputeDevice.ScratchFloatsPerShare);
            for (int start = 0; start < Depth; start += PanelDepth)
            {
                int depth = IntrinsicMath.Min(PanelDepth, Depth - start);
                if (TransposedB == 0)
                    Pack(panel, start, depth, column, width);
                else
                    PackTransposed(panel, start, depth, column, width);
                bool first = start == 0 && Accumulate == 0;
                if (HasRightSums == 1 && firstRow == 0)
                    SumPanel(panel, depth, column, width, first);
                bool finish = start + depth == Depth && (HasBias == 1 || IsGradient == 1 || Activation != ActivationKind.Identity);
                for (int row = firstRow; row < endRow; row += TileRows)
                {
                    int height = IntrinsicMath.Min(TileRows, endRow - row);
                    Sweep(panel, row, height, start, depth, column, width, first);
                    for (int i = 0; finish && i < height; i++)
                        Finish(row + i, column, width);
                }
            }
        }

        private readonly void Pack(ArrayView<float> panel, int start, int depth, int column, int width)
        {
            for (int k = 0; k < depth; k++)
                TVector.Store(TVector.LoadPart(B.SubView(((long)(start + k) * N) + column, width), 0, width, 0f), panel, k * TVector.Width);
        }

        // The panel is in the cache now: the sum of its rows costs no other read of B.
        private readonly void SumPanel(ArrayView<float> panel, int depth, int column, int width, bool first)
        {
            TVector sum = TVector.Fill(0f);
            for (int k = 0; k < depth; k++)
                sum += TVector.Load(panel, k * TVector.Width);
            Write(sum, RightSums.SubView(column, width), width, first);
        }

        // Whole squares in registers; of what is left, columns beyond the matrix repeat its last one: they are computed and never written.
        private readonly void PackTransposed(ArrayView<float> panel, int start, int depth, int column, int width)
        {
            int squares = width == TVector.Width ? depth / TVector.Width * TVector.Width : 0;
            for (int k = 0; k < squares; k += TVector.Width)
                TVector.Transpose(B.SubView(((long)column * Depth) + start + k), Depth, panel.SubView(k * TVector.Width));
            for (int j = 0; j < TVector.Width; j++)
            {
                ArrayView<float> source = B.SubView(((long)(column + IntrinsicMath.Min(j, width - 1)) * Depth) + start, depth);
                for (int k = squares; k < depth; k++)
                    panel[(k * TVector.Width) + j] = source[k];
            }
        }

        // Rows beyond the matrix repeat its last one, for the same reason.
        private readonly void Sweep(ArrayView<float> panel, int row, int height, int start, int depth, int column, int width, bool first)
        {
            ArrayView<float> a0 = A.SubView(((long)row * RowStride) + ((long)start * DepthStride));
            ArrayView<float> a1 = A.SubView(((long)(row + IntrinsicMath.Min(1, height - 1)) * RowStride) + ((long)start * DepthStride));
            ArrayView<float> a2 = A.SubView(((long)(row + IntrinsicMath.Min(2, height - 1)) * RowStride) + ((long)start * DepthStride));
            ArrayView<float> a3 = A.SubView(((long)(row + IntrinsicMath.Min(3, height - 1)) * RowStride) + ((long)start * DepthStride));
            ArrayView<float> a4 = A.SubView(((long)(row + IntrinsicMath.Min(4, height - 1)) * RowStride) + ((long)start * DepthStride));
            ArrayView<float> a5 = A.SubView(((long)(row + IntrinsicMath.Min(5, height - 1)) * RowStride) + ((long)start * DepthStride));
            TVector c0 = TVector.Fill(0f), c1 = TVector.Fill(0f), c2 = TVector.Fill(0f), c3 = TVector.Fill(0f), c4 = TVector.Fill(0f), c5 = TVector.Fill(0f);
            if (DepthStride == 1)
            {
                for (int k = 0; k < depth; k++)
                {
                    TVector b = TVector.Load(panel, k * TVector.Width);
                    c0 = TVector.MultiplyAdd(TVector.Fill(a0[k]), b, c0);
                    c1 = TVector.MultiplyAdd(TVector.Fill(a1[k]), b, c1);
                    c2 = TVector.MultiplyAdd(TVector.Fill(a2[k]), b, c2);
                    c3 = TVector.MultiplyAdd(TVector.Fill(a3[k]), b, c3);
                    c4 = TVector.MultiplyAdd(TVector.Fill(a4[k]), b, c4);
                    c5 = TVector.MultiplyAdd(TVector.Fill(a5[k]), b, c5);
                }
            }
            else
            {
                for (int k = 0; k < depth; k++)
                {
                    TVector b = TVector.Load(panel, k * TVector.Width);
                    long at = (long)k * DepthStride;
                    c0 = TVector.MultiplyAdd(TVector.Fill(a0[at]), b, c0);
                    c1 = TVector.MultiplyAdd(TVector.Fill(a1[at]), b, c1);
                    c2 = TVector.MultiplyAdd(TVector.Fill(a2[at]), b, c2);
                    c3 = TVector.MultiplyAdd(TVector.Fill(a3[at]), b, c3);
                    c4 = TVector.MultiplyAdd(TVector.Fill(a4[at]), b, c4);
                    c5 = TVector.MultiplyAdd(TVector.Fill(a5[at]), b, c5);
                }
            }

            Write(c0, Target(row, column, width), width, first);
            if (1 < height)
                Write(c1, Target(row + 1, column, width), width, first);
            if (2 < height)
                Write(c2, Target(row + 2, column, width), width, first);
            if (3 < height)
                Write(c3, Target(row + 3, column, width), width, first);
            if (4 < height)
                Write(c4, Target(row + 4, column, width), width, first);
            if (5 < height)
                Write(c5, Target(row + 5, column, width), width, first);
        }

        private readonly ArrayView<float> Target(int row, int column, int width) => C.SubView(((long)row * N) + column, width);

        private static void Write(TVector sum, ArrayView<float> target, int width, bool first)
        {
            if (!first)
                sum += TVector.LoadPart(target, 0, width, 0f);
            TVector.StorePart(sum, target, 0, width);
        }

        private readonly void Finish(int row, int column, int width)
        {
            long at = ((long)row * N) + column;
            ArrayView<float> target = Target(row, column, width);
            TVector value = TVector.LoadPart(target, 0, width, 0f);
            if (IsGradient == 1)
            {
                value *= ActivationFunction.DerivativeFromOutput(Activation, TVector.LoadPart(Outputs.SubView(at, width), 0, width, 0f));
            }
            else
            {
                if (HasBias == 1)
                    value += TVector.LoadPart(Bias.SubView(column, width), 0, width, 0f);
                value = ActivationFunction.Value(Activation, value);
            }

            TVector.StorePart(value, target, 0, width);
        }
    }
}
