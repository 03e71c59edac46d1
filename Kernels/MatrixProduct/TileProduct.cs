using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// C = op(A) op(B) for graphics processors: a group computes a 64 x 64 tile. It stages slices of both factors, sixteen deep, in shared memory; each
/// of its 256 lanes keeps 4 x 4 sums in registers.
/// </summary>
internal static class TileProduct
{
    internal const int GroupSize = 256;

    private const int Side = 64;
    private const int Slice = 16;
    private const int LaneSide = 4;
    private const int LanesAcross = Side / LaneSide;

    internal static void Record(LaunchList list, Operand a, Operand b, Matrix c, Epilogue epilogue, KernelCost cost)
    {
        int m = a.Rows, n = b.Columns, depth = a.Columns;
        int tilesAcross = (n + Side - 1) / Side;
        int tiles = (m + Side - 1) / Side * tilesAcross;
        Body body = new()
        {
            A = a.Matrix.View,
            B = b.Matrix.View,
            C = c.View,
            Bias = epilogue.Bias,
            Outputs = epilogue.ActivationOutputs,
            M = m,
            N = n,
            Depth = depth,
            TilesAcross = tilesAcross,
            ARow = a.Transposed ? 1 : depth,
            ADepth = a.Transposed ? m : 1,
            BDepth = b.Transposed ? 1 : n,
            BColumn = b.Transposed ? depth : 1,
            Activation = epilogue.Activation,
            HasBias = epilogue.Bias.Length > 0 ? 1 : 0,
            IsGradient = epilogue.ActivationOutputs.Length > 0 ? 1 : 0,
            Accumulate = epilogue.Accumulate ? 1 : 0,
        };
        list.Tiles("matmul.tile", tiles, GroupSize, body, cost);
    }

    internal struct Body : ITileBody
    {
        internal ArrayView<float> A, B, C, Bias, Outputs;
        internal int M, N, Depth, TilesAcross, ARow, ADepth, BDepth, BColumn, HasBias, IsGradient, Accumulate;
        internal ActivationKind Activation;

        public readonly void Tile(int tile)
        {
            ArrayView<float> aSlice = SharedMemory.Allocate<float>(Slice * Side);
            ArrayView<float> bSlice = SharedMemory.Allocate<float>(Slice * Side);
            int lane = Group.IdxX;
            int firstRow = tile / TilesAcross * Side;
            int firstColumn = tile % TilesAcross * Side;
            int laneRow = lane / LanesAcross * LaneSide;
            int laneColumn = lane % LanesAcross * LaneSide;

            float c00 = 0f, c01 = 0f, c02 = 0f, c03 = 0f;
            float c10 = 0f, c11 = 0f, c12 = 0f, c13 = 0f;
            float c20 = 0f, c21 = 0f, c22 = 0f, c23 = 0f;
            float c30 = 0f, c31 = 0f, c32 = 0f, c33 = 0f;
            for (int start = 0; start < Depth; start += Slice)
            {
                for (int e = lane; e < Slice * Side; e += GroupSize)
                {
                    // Neighbouring lanes read neighbouring elements whichever way the factor lies.
                    int ak = ADepth == 1 ? e % Slice : e / Side;
                    int ar = ADepth == 1 ? e / Slice : e % Side;
                    int row = firstRow + ar;
                    aSlice[(ak * Side) + ar] = row < M && start + ak < Depth ? A[((long)row * ARow) + ((long)(start + ak) * ADepth)] : 0f;
                    int bk = BColumn == 1 ? e / Side : e % Slice;
                    int bc = BColumn == 1 ? e % Side : e / Slice;
                    int column = firstColumn + bc;
                    bSlice[(bk * Side) + bc] = column < N && start + bk < Depth ? B[((long)(start + bk) * BDepth) + ((long)column * BColumn)] : 0f;
                }

                Group.Barrier();
                for (int k = 0; k < Slice; k++)
                {
                    int aAt = (k * Side) + laneRow;
                    int bAt = (k * Side) + laneColumn;
                    float a0 = aSlice[aAt + 0], a1 = aSlice[aAt + 1], a2 = aSlice[aAt + 2], a3 = aSlice[aAt + 3];
                    float b0 = bSlice[bAt + 0], b1 = bSlice[bAt + 1], b2 = bSlice[bAt + 2], b3 = bSlice[bAt + 3];
                    c00 = Elementary.MultiplyAdd(a0, b0, c00);
                    c01 = Elementary.MultiplyAdd(a0, b1, c01);
                    c02 = Elementary.MultiplyAdd(a0, b2, c02);
                    c03 = Elementary.MultiplyAdd(a0, b3, c03);
                    c10 = Elementary.MultiplyAdd(a1, b0, c10);
                    c11 = Elementary.MultiplyAdd(a1, b1, c11);
                    c12 = Elementary.MultiplyAdd(a1, b2, c12);
                    c13 = Elementary.MultiplyAdd(a1, b3, c13);
                    c20 = Elementary.MultiplyAdd(a2, b0, c20);
                    c21 = Elementary.MultiplyAdd(a2, b1, c21);
                    c22 = Elementary.MultiplyAdd(a2, b2, c22);
                    c23 = Elementary.MultiplyAdd(a2, b3, c23);
                    c30 = Elementary.MultiplyAdd(a3, b0, c30);
                    c31 = Elementary.MultiplyAdd(a3, b1, c31);
                    c32 = Elementary.MultiplyAdd(a3, b2, c32);
                    c33 = Elementary.MultiplyAdd(a3, b3, c33);
                }

                // The next slice must not overwrite this one while a lane still reads it.
                Group.Barrier();
            }

            int outRow = firstRow + laneRow;
            int outColumn = firstColumn + laneColumn;
            Write(outRow, outColumn, c00);
            Write(outRow, outColumn + 1, c01);
            Write(outRow, outColumn + 2, c02);
            Write(outRow, outColumn + 3, c03);
            Write(outRow + 1, outColumn, c10);
            Write(outRow + 1, outColumn + 1, c11);
            Write(outRow + 1, outColumn + 2, c12);
            Write(outRow + 1, outColumn + 3, c13);
            Write(outRow + 2, outColumn, c20);
            Write(outRow + 2, outColumn + 1, c21);
            Write(outRow + 2, outColumn + 2, c22);
            Write(outRow + 2, outColumn + 3, c23);
            Write(outRow + 3, outColumn, c30);
            Write(outRow + 3, outColumn + 1, c31);
            Write(outRow + 3, outColumn + 2, c32);
            Write(outRow + 3, outColumn + 3, c33);
        }

        private readonly void Write(int row, int column, float value)
        {
            if (row < M && column < N)
            {
                long at = ((long)row * N) + column;
                if (Accumulate == 1)
                    value += C[at];
                if (IsGradient == 1)
                {
                    value *= ActivationFunction.DerivativeFromOutput(Activation, Outputs[at]);
                }
                else
                {
                    if (HasBias == 1)
                        value += Bias[column];
                    value = ActivationFunction.Value(Activation, value);
                }

                C[at] = value;
            }
        }
    }
}
