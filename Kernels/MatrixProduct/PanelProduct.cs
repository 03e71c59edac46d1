using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ILGPU;
using ILGPU.Runtime;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// C = op(A) op(B) for the processor. A thread packs a panel of B, [depth, W] with W as wide as the registers allow, then sweeps the rows of A in tiles of six
/// (<see cref="RegisterTile"/>). An element's sum runs over the depth in order whatever W is, so the width of a processor's vectors changes no bit.
/// </summary>
/// <remarks>Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 34(3), 2008.</remarks>
internal static class PanelProduct
{
    // A panel of it stays in the second-level cache. Part of the order of sums: a constant.
    private const int PanelDepth = 1024;

    // A task packs its own panel, so it should sweep many rows; but all threads need work.
    private const int SmallestRowBlock = 32;

    private const int TasksPerThread = 2;

    internal static void Record(LaunchList list, Operand a, Operand b, Matrix c, Epilogue epilogue, KernelCost cost)
    {
        if (Vector512.IsHardwareAccelerated)
            list.Shares("matmul.panel", new Tasks<ThirtyTwoColumns, OneOf512>(a, b, c, epilogue, list.Device.Threads), cost);
        else
            list.Shares("matmul.panel", new Tasks<SixteenColumns, TwoOf256>(a, b, c, epilogue, list.Device.Threads), cost);
    }

    private readonly unsafe struct Tasks<T, TVector> : IShares
        where T : struct, IPanelVector<T>
        where TVector : struct, ISixteen<TVector>
    {
        private readonly float* a, b, c, bias, outputs, rightSums;
        private readonly nint rowStride, depthStride, bStride;
        private readonly int m, n, depth, panels, rowBlock;
        private readonly bool isTransposedB, isFinished, accumulates;
        private readonly ActivationKind activation;

        internal Tasks(Operand a, Operand b, Matrix c, Epilogue epilogue, int threads)
        {
            (m, n, depth) = (a.Rows, b.Columns, a.Columns);
            this.a = Address(a.Matrix.View);
            this.b = Address(b.Matrix.View);
            this.c = Address(c.View);
            bias = Address(epilogue.Bias);
            outputs = Address(epilogue.ActivationOutputs);
            rightSums = Address(epilogue.RightSums);
            rowStride = a.Transposed ? 1 : a.Matrix.Columns;
            depthStride = a.Transposed ? a.Matrix.Columns : 1;
            isTransposedB = b.Transposed;
            bStride = b.Matrix.Columns;
            activation = epilogue.Activation;
            isFinished = bias != null || outputs != null || activation != ActivationKind.Identity;
            accumulates = epilogue.Accumulate;
            panels = (n + T.Width - 1) / T.Width;
            int blocks = threads == 1 ? 1 : Math.Clamp(((TasksPerThread * threads) + panels - 1) / Math.Max(1, panels), 1, Math.Max(1, m / SmallestRowBlock));
            int tiles = (m + RegisterTile.Rows - 1) / RegisterTile.Rows;
            rowBlock = Math.Max(1, (tiles + blocks - 1) / blocks) * RegisterTile.Rows;
            Count = panels * ((m + rowBlock - 1) / rowBlock);
        }

        public int Count { get; }

        [SkipLocalsInit]
        public void Do(int share)
        {
            // The stack is not zeroed, and warm.
            float* panel = stackalloc float[PanelDepth * T.Width];
            float* edge = stackalloc float[RegisterTile.Rows * T.Width];
            int column = share % panels * T.Width, width = Math.Min(T.Width, n - column);
            int firstRow = share / panels * rowBlock, endRow = Math.Min(m, firstRow + rowBlock);
            if (depth == 0)
                Sweep(panel, edge, 0, 0, column, width, firstRow, endRow);
            for (int start = 0; start < depth; start += PanelDepth)
            {
                int part = Math.Min(PanelDepth, depth - start);
                if (isTransposedB)
                    PanelPacking.FromColumns<T>(b + (column * bStride) + start, bStride, part, width, panel);
                else
                    PanelPacking.FromRows<T>(b + (start * bStride) + column, bStride, part, width, panel);
                if (rightSums != null && firstRow == 0)
                    SumPanel(panel, part, column, width, start == 0 && !accumulates);
                Sweep(panel, edge, start, part, column, width, firstRow, endRow);
            }
        }

        private void Sweep(float* panel, float* edge, int start, int part, int column, int width, int firstRow, int endRow)
        {
            bool isFirst = start == 0 && !accumulates, isLast = start + part == depth;
            for (int row = firstRow; row < endRow; row += RegisterTile.Rows)
            {
                int height = Math.Min(RegisterTile.Rows, endRow - row);
                float* left = a + (row * rowStride) + (start * depthStride), target = c + ((nint)row * n) + column;
                if (width == T.Width)
                    RegisterTile.Multiply<T>(panel, part, left, rowStride, depthStride, height, target, n, isFirst);
                else
                    MultiplyEdge(panel, edge, part, left, height, target, width, isFirst);
                if (isLast && isFinished)
                    Finish(row, height, column, width);
            }
        }

        // Beyond the last column the tile's sums have no place in C.
        private void MultiplyEdge(float* panel, float* edge, int part, float* left, int height, float* target, int width, bool isFirst)
        {
            RegisterTile.Multiply<T>(panel, part, left, rowStride, depthStride, height, edge, T.Width, isFirst: true);
            for (int i = 0; i < height; i++)
            {
                float* sums = edge + (i * T.Width), row = target + ((nint)i * n);
                for (int j = 0; j < width; j++)
                    row[j] = isFirst ? sums[j] : sums[j] + row[j];
            }
        }

        // The panel is in the cache now: the sum of its rows costs no other read of B.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void SumPanel(float* panel, int part, int column, int width, bool isFirst)
        {
            T sum = T.Zero;
            for (int k = 0; k < part; k++)
                sum += T.Load(panel + (k * T.Width));
            float* sums = stackalloc float[T.Width];
            T.Store(sum, sums);
            for (int j = 0; j < width; j++)
                rightSums[column + j] = isFirst ? sums[j] : sums[j] + rightSums[column + j];
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Finish(int row, int height, int column, int width)
        {
            for (int i = 0; i < height; i++)
            {
                nint at = ((nint)(row + i) * n) + column;
                for (int j = 0; j < width; j += TVector.Width)
                {
                    TVector value = TVector.LoadPart(c + at + j, width - j, 0f);
                    if (outputs != null)
                    {
                        value *= ActivationFunction.DerivativeFromOutput(activation, TVector.LoadPart(outputs + at + j, width - j, 0f));
                    }
                    else
                    {
                        if (bias != null)
                            value += TVector.LoadPart(bias + column + j, width - j, 0f);
                        value = ActivationFunction.Value(activation, value);
                    }

                    TVector.StorePart(value, c + at + j, width - j);
                }
            }
        }

        private static float* Address(ArrayView<float> view) => view.Length == 0 ? null : (float*)view.LoadEffectiveAddressAsPtr();
    }
}
