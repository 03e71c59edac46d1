using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// C = op(A) op(B) for processors. A lane packs a panel of B, [depth, 16], into scratch, then sweeps the rows of A in tiles of six:
/// 6 x 16 sums stay in registers while one row of the panel is multiplied by six numbers of A.
/// </summary>
/// <remarks>Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 34(3), 2008.</remarks>
internal static class PanelProduct
{
    // As deep as a lane's share of the scratch memory allows.
    private const int PanelDepth = ComputeDevice.ScratchFloatsPerShare / Vector16.Width;

    // Twelve registers of 256 bits for the sums, two for the panel and one for a number of A: the sixteen that AVX2 has. Eight rows would spill.
    private const int TileRows = 6;

    // A task packs its own panel, so it should sweep many rows; but all lanes need work.
    private const int SmallestRowBlock = 32;

    internal static void Record(LaunchList list, Operand a, Operand b, Matrix c, Epilogue epilogue, KernelCost cost)
    {
        int m = a.Rows, n = b.Columns, depth = a.Columns;
        int panels = (n + Vector16.Width - 1) / Vector16.Width;
        int slots = list.Device.Shares;
        int rowBlocks = Math.Clamp((2 * slots + panels - 1) / panels, 1, Math.Max(1, m / SmallestRowBlock));
        int rowBlock = ((m + rowBlocks - 1) / rowBlocks + TileRows - 1) / TileRows * TileRows;
        rowBlocks = (m + rowBlock - 1) / rowBlock;
        Body body = new()
        {
            A = a.Matrix.View,
            B = b.Matrix.View,
            C = c.View,
            Scratch = list.Device.Scratch,
            Bias = epilogue.Bias,
            Outputs = epilogue.ActivationOutputs,
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
            IsGradient = epilogue.ActivationOutputs.Length > 0 ? 1 : 0,
            Accumulate = epilogue.Accumulate ? 1 : 0,
        };
        list.Tasks("matmul.panel", panels * rowBlocks, slots, body, cost);
    }

    internal struct Body : ITaskBody
    {
        internal ArrayView<float> A, B, C, Scratch, Bias, Outputs;
        internal int M, N, Depth, Panels, RowBlock, RowStride, DepthStride, TransposedB, HasBias, IsGradient, Accumulate;
        internal ActivationKind Activation;

        public readonly void Task(int task, int slot)
        {
            int column = task % Panels * Vector16.Width;
            int width = IntrinsicMath.Min(Vector16.Width, N - column);
            int firstRow = task / Panels * RowBlock;
            int endRow = IntrinsicMath.Min(M, firstRow + RowBlock);
            ArrayView<float> panel = Scratch.SubView((long)slot * PanelDepth * Vector16.Width, PanelDepth * Vector16.Width);
            for (int start = 0; start < Depth; start += PanelDepth)
            {
                int depth = IntrinsicMath.Min(PanelDepth, Depth - start);
                Pack(panel, start, depth, column, width);
                bool first = start == 0 && Accumulate == 0;
                bool last = start + depth == Depth;
                for (int row = firstRow; row < endRow; row += TileRows)
                    Sweep(panel, row, IntrinsicMath.Min(TileRows, endRow - row), start, depth, column, width, first, last);
            }
        }

        private readonly void Pack(ArrayView<float> panel, int start, int depth, int column, int width)
        {
            if (TransposedB == 0)
            {
                if (width == Vector16.Width)
                {
                    for (int k = 0; k < depth; k++)
                        Vector16.Load(B, ((long)(start + k) * N) + column).Store(panel, (long)k * Vector16.Width);
                }
                else
                {
                    for (int k = 0; k < depth; k++)
                        Vector16.LoadPart(B, ((long)(start + k) * N) + column, width, 0f).Store(panel, (long)k * Vector16.Width);
                }
            }
            else
            {
                for (int j = 0; j < Vector16.Width; j++)
                {
                    // Columns beyond the matrix repeat its last one: they are computed and never written.
                    ArrayView<float> source = B.SubView(((long)(column + IntrinsicMath.Min(j, width - 1)) * Depth) + start, depth);
                    for (int k = 0; k < depth; k++)
                        panel[(k * Vector16.Width) + j] = source[k];
                }
            }
        }

        // Rows beyond the matrix repeat its last one, for the same reason.
        private readonly void Sweep(ArrayView<float> panel, int row, int height, int start, int depth, int column, int width, bool first, bool last)
        {
            ArrayView<float> a0 = A.SubView(((long)row * RowStride) + ((long)start * DepthStride));
            ArrayView<float> a1 = A.SubView(((long)(row + IntrinsicMath.Min(1, height - 1)) * RowStride) + ((long)start * DepthStride));
            ArrayView<float> a2 = A.SubView(((long)(row + IntrinsicMath.Min(2, height - 1)) * RowStride) + ((long)start * DepthStride));
            ArrayView<float> a3 = A.SubView(((long)(row + IntrinsicMath.Min(3, height - 1)) * RowStride) + ((long)start * DepthStride));
            ArrayView<float> a4 = A.SubView(((long)(row + IntrinsicMath.Min(4, height - 1)) * RowStride) + ((long)start * DepthStride));
            ArrayView<float> a5 = A.SubView(((long)(row + IntrinsicMath.Min(5, height - 1)) * RowStride) + ((long)start * DepthStride));
            Vector16 c0 = Vector16.Fill(0f), c1 = Vector16.Fill(0f), c2 = Vector16.Fill(0f), c3 = Vector16.Fill(0f), c4 = Vector16.Fill(0f), c5 = Vector16.Fill(0f);
            if (DepthStride == 1)
            {
                for (int k = 0; k < depth; k++)
                {
                    Vector16 b = Vector16.Load(panel, (long)k * Vector16.Width);
                    c0 = Vector16.MultiplyAdd(Vector16.Fill(a0[k]), b, c0);
                    c1 = Vector16.MultiplyAdd(Vector16.Fill(a1[k]), b, c1);
                    c2 = Vector16.MultiplyAdd(Vector16.Fill(a2[k]), b, c2);
                    c3 = Vector16.MultiplyAdd(Vector16.Fill(a3[k]), b, c3);
                    c4 = Vector16.MultiplyAdd(Vector16.Fill(a4[k]), b, c4);
                    c5 = Vector16.MultiplyAdd(Vector16.Fill(a5[k]), b, c5);
                }
            }
            else
            {
                for (int k = 0; k < depth; k++)
                {
                    Vector16 b = Vector16.Load(panel, (long)k * Vector16.Width);
                    long at = (long)k * DepthStride;
                    c0 = Vector16.MultiplyAdd(Vector16.Fill(a0[at]), b, c0);
                    c1 = Vector16.MultiplyAdd(Vector16.Fill(a1[at]), b, c1);
                    c2 = Vector16.MultiplyAdd(Vector16.Fill(a2[at]), b, c2);
                    c3 = Vector16.MultiplyAdd(Vector16.Fill(a3[at]), b, c3);
                    c4 = Vector16.MultiplyAdd(Vector16.Fill(a4[at]), b, c4);
                    c5 = Vector16.MultiplyAdd(Vector16.Fill(a5[at]), b, c5);
                }
            }

            Finish(c0, row, column, width, first, last);
            if (1 < height)
                Finish(c1, row + 1, column, width, first, last);
            if (2 < height)
                Finish(c2, row + 2, column, width, first, last);
            if (3 < height)
                Finish(c3, row + 3, column, width, first, last);
            if (4 < height)
                Finish(c4, row + 4, column, width, first, last);
            if (5 < height)
                Finish(c5, row + 5, column, width, first, last);
        }

        private readonly void Finish(Vector16 sum, int row, int column, int width, bool first, bool last)
        {
            long at = ((long)row * N) + column;
            if (width == Vector16.Width)
            {
                if (!first)
                    sum += Vector16.Load(C, at);
                sum.Store(C, at);
            }
            else
            {
                if (!first)
                    sum += Vector16.LoadPart(C, at, width, 0f);
                sum.StorePart(C, at, width);
            }

            if (last && (HasBias == 1 || IsGradient == 1 || Activation != ActivationKind.Identity))
            {
                for (int j = 0; j < width; j++)
                    C[at + j] = Apply(C[at + j], column + j, at + j);
            }
        }

        private readonly float Apply(float value, int column, long at)
        {
            if (IsGradient == 1)
                return value * ActivationFunction.DerivativeFromOutput(Activation, Outputs[at]);
            if (HasBias == 1)
                value += Bias[column];
            return ActivationFunction.Value(Activation, value);
        }
    }
}
