using ILGPU;
using ILGPU.Runtime;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// C = op(A) op(B) for graphics processors: c_ij = sum over k of a_ik b_kj.
/// <code>
/// a group   a tile of C       [side, side]    256 lanes; side 128, or 64 where tiles of 128 would be too few for the device
/// a lane    its sums          [8, 8]          in registers; [4, 4] of the smaller tile
/// a round   a slice of op(A)  [depth, side]   in shared memory; depth 8, or 16 of the smaller tile
///           a slice of op(B)  [depth, side]
/// </code>
/// For every k of a slice a lane reads its eight numbers of either factor in two 128-bit reads and adds their outer product to its sums: 64 multiply-adds for
/// four reads. There
/// is room for two slices of each factor: a lane fetches its part of the next ones into registers, multiplies these, and writes the part to where nobody reads;
/// one barrier ends the round.
/// </summary>
/// <remarks>
/// V. Volkov and J. Demmel, "Benchmarking GPUs to tune dense linear algebra", SC 2008: sums in registers. S. Gray, "SGEMM", documentation of the assembler
/// maxas, 2014: two buffers, 128-bit reads, and which lanes of a warp read the same.
/// </remarks>
internal static partial class TileProduct
{
    /// <summary>Lanes that share a tile, 16 x 16.</summary>
    internal const int GroupSize = 256;

    private const int LanesAcross = 16;

    // Two fill the registers of a multiprocessor, 128 a lane.
    private const int GroupsAtOnce = 2;

    /// <summary>
    /// The side of the tiles that an [m, n] product is cut into: the larger ones read less for a multiply-add, but every multiprocessor should get one.
    /// </summary>
    internal static int SideFor(ComputeDevice device, int m, int n) =>
        Tiles(m, n, Side<LargeSums>()) >= device.Accelerator.NumMultiprocessors ? Side<LargeSums>() : Side<SmallSums>();

    internal static void Record(LaunchList list, Operand a, Operand b, Matrix c, Epilogue epilogue, KernelCost cost)
    {
        if (SideFor(list.Device, c.Rows, c.Columns) == Side<LargeSums>())
            Record<LargeSums>(list, a, b, c, epilogue, cost);
        else
            Record<SmallSums>(list, a, b, c, epilogue, cost);
    }

    internal static void Record<TSums>(LaunchList list, Operand a, Operand b, Matrix c, Epilogue epilogue, KernelCost cost)
        where TSums : struct, ISums<TSums>
    {
        int tiles = Tiles(c.Rows, c.Columns, Side<TSums>());
        Factor left = new(a.Matrix, a.Transposed), right = new(b.Matrix, !b.Transposed);
        Target target = new(c, epilogue);
        if (left.InFours == 1 && right.InFours == 1)
            list.Tiles("matmul.tile", tiles, GroupSize, GroupsAtOnce, new Body<TSums, AllInFours>(left, right, target), cost);
        else
            list.Tiles("matmul.tile", tiles, GroupSize, GroupsAtOnce, new Body<TSums, SomeInFours>(left, right, target), cost);
    }

    private static int Tiles(int m, int n, int side) => TilesAlong(m, side) * TilesAlong(n, side);

    private static int TilesAlong(int length, int side) => (length + side - 1) / side;

    // Whether a row-major matrix can be read and written in 128-bit accesses.
    private static bool IsInFours(ArrayView<float> elements, int columns) =>
        columns % Vector4.Width == 0 && (elements.Length == 0 || elements.LoadEffectiveAddressAsPtr() % (Vector4.Width * sizeof(float)) == 0);

    internal readonly struct Body<TSums, TFetch>(Factor left, Factor right, Target target) : ITileBody
        where TSums : struct, ISums<TSums>
        where TFetch : struct, IFetch
    {
        public void Tile(int tile)
        {
            ArrayView<Vector4> slices = SharedMemory.Allocate<Vector4>(Buffers * BufferFours);
            int lane = Group.IdxX;
            int tilesAcross = TilesAlong(target.Columns, Side<TSums>());
            int firstRow = tile / tilesAcross * Side<TSums>();
            int firstColumn = tile % tilesAcross * Side<TSums>();
            Part leftPart = left.PartOf<TSums>(lane, firstRow), rightPart = right.PartOf<TSums>(lane, firstColumn);

            // A warp's lanes lie 8 x 4. Lanes whose numbers differ in bit 0 read the same rows, and in bit 1 the same columns: shared memory then serves a
            // 128-bit read to sixteen lanes at a time, otherwise to eight.
            int row = ((lane >> 1) & 7) | ((lane >> 2) & 8);
            int column = (lane & 1) | ((lane >> 3) & 2) | ((lane >> 4) & 12);

            left.Put<TSums>(TFetch.Fetch(left, leftPart, 0), 0, slices, leftPart);
            right.Put<TSums>(TFetch.Fetch(right, rightPart, 0), 0, slices.SubView(SliceFours), rightPart);
            Group.Barrier();
            TSums sums = default;
            int buffer = 0;
            for (int start = 0; start < left.Depth;)
            {
                start += Depth<TSums>();
                Vector4 nextLeft = TFetch.Fetch(left, leftPart, start), nextRight = TFetch.Fetch(right, rightPart, start);
                sums = AddSlice(sums, slices.SubView(buffer + row), slices.SubView(buffer + SliceFours + column));
                buffer = BufferFours - buffer;
                left.Put<TSums>(nextLeft, start, slices.SubView(buffer), leftPart);
                right.Put<TSums>(nextRight, start, slices.SubView(buffer + SliceFours), rightPart);
                Group.Barrier();
            }

            firstRow += row * Vector4.Width;
            firstColumn += column * Vector4.Width;
            for (int block = 0; block < TSums.Across * TSums.Across; block++)
            {
                target.Write(TSums.First(sums), firstRow + (block / TSums.Across * BlockDistance), firstColumn + (block % TSums.Across * BlockDistance));
                sums = TSums.WithoutFirst(sums);
            }
        }

        // A loop, not a slice written out: ILGPU moves arithmetic to its use, which for sums is the end of a round. Behind the barrier, that is, so that what
        // was fetched would be waited for before anything is multiplied. Out of a loop it moves nothing.
        private static TSums AddSlice(TSums sums, ArrayView<Vector4> a, ArrayView<Vector4> b)
        {
            for (int at = 0; at < Depth<TSums>() * Pitch<TSums>(); at += TSums.Steps * Pitch<TSums>())
                sums = TSums.Add(sums, a.SubView(at), b.SubView(at));
            return sums;
        }
    }
}
