using ILGPU;
using ILGPU.Runtime;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// C = op(A) op(B) for graphics processors: c_ij = sum over k of a_ik b_kj.
/// <code>
/// a group   a tile of C       [side, side]    256 lanes; side 128, 64, 32 or 16
/// a lane    its sums          [8, 8]          in registers; [4, 4] of the smaller tiles
/// a round   a slice of op(A)  [depth, side]   in shared memory; side times depth is 1024
///           a slice of op(B)  [depth, side]
/// </code>
/// For every k of a slice a lane reads its numbers of either factor in 128-bit reads and adds their outer product to its sums: 64 multiply-adds for four reads,
/// or 16 for two. There is room for two slices of each factor: a lane fetches its part of the next ones into registers, multiplies these, and writes the part
/// to where nobody reads; one barrier ends the round. The sums of tiles of 32 and 16 take a quarter or a sixteenth of the lanes: each square of lanes adds up
/// its part of every slice, and at the end lanes add up what the squares have.
/// </summary>
/// <remarks>
/// V. Volkov and J. Demmel, "Benchmarking GPUs to tune dense linear algebra", SC 2008: sums in registers. S. Gray, "SGEMM", documentation of the assembler
/// maxas, 2014: two buffers, 128-bit reads, and which lanes of a warp read the same.
/// </remarks>
internal static partial class TileProduct
{
    /// <summary>Lanes that share a tile, 16 x 16.</summary>
    internal const int GroupSize = 256;

    // Two fill the registers of a multiprocessor, 128 a lane.
    private const int GroupsAtOnce = 2;

    // Instructions of a multiprocessor's lanes in a cycle, and bytes that it is fed with: of an H200, whose proportion others share.
    private const double InstructionsPerCycle = 128, BytesPerCycle = 20;

    // Counted in the text of the kernels: what is done for an element of a slice beside the multiply-adds, since lanes fetch, write and read it, and what a
    // lane does before the first and behind the last slice.
    private const double InstructionsPerElement = 14, InstructionsPerLane = 300, InstructionsPerLaneAndSide = 6;

    private static readonly int[] Sides = [Side<LargeSums>(), Side<SmallSums<SixteenAcross>>(), Side<SmallSums<EightAcross>>(), Side<SmallSums<FourAcross>>()];

    /// <summary>
    /// The side of the tiles that an [m, n] product of so many k is cut into: large ones read less for a multiply-add, small ones leave no multiprocessor
    /// without work.
    /// </summary>
    internal static int SideFor(ComputeDevice device, int m, int n, int depth) =>
        Sides.MinBy(side => Cycles(device.Accelerator.NumMultiprocessors, m, n, depth, side));

    internal static void Record(LaunchList list, Operand a, Operand b, Matrix c, Epilogue epilogue, KernelCost cost)
    {
        int side = SideFor(list.Device, c.Rows, c.Columns, a.Columns);
        if (side == Side<LargeSums>())
            Record<LargeSums>(list, a, b, c, epilogue, cost);
        else if (side == Side<SmallSums<SixteenAcross>>())
            Record<SmallSums<SixteenAcross>>(list, a, b, c, epilogue, cost);
        else if (side == Side<SmallSums<EightAcross>>())
            Record<SmallSums<EightAcross>>(list, a, b, c, epilogue, cost);
        else
            Record<SmallSums<FourAcross>>(list, a, b, c, epilogue, cost);
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

    // Of the multiprocessor with most tiles, or of the memory where that takes longer.
    private static double Cycles(int multiprocessors, int m, int n, int depth, int side)
    {
        int rounds = (Tiles(m, n, side) + multiprocessors - 1) / multiprocessors;
        double ofSlices = depth * ((side * side) + (2 * side * InstructionsPerElement));
        double ofLanes = GroupSize * (InstructionsPerLane + (side * InstructionsPerLaneAndSide));
        double bytes = 2.0 * m * n / side * depth * sizeof(float);
        return Math.Max(rounds * (ofSlices + ofLanes) / InstructionsPerCycle, bytes / (multiprocessors * BytesPerCycle));
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
            int tileRow = tile / tilesAcross;
            int firstRow = tileRow * Side<TSums>();
            int firstColumn = (tile - (tileRow * tilesAcross)) * Side<TSums>();
            Part leftPart = left.PartOf<TSums>(lane, firstRow, 0), rightPart = right.PartOf<TSums>(lane, firstColumn, SliceFours);
            left.Put<TSums>(TFetch.Fetch(left, leftPart), slices, leftPart);
            Vector4 rightSum = right.Put<TSums>(TFetch.Fetch(right, rightPart), slices, rightPart);

            // Where its blocks begin, and where it reads.
            int row = TSums.Row(lane), column = TSums.Column(lane);
            int own = RowPlace<TSums>(lane / (TSums.LanesAcross * TSums.LanesAcross) * (Depth<TSums>() / Parts<TSums>()));
            int leftPlace = own + row, rightPlace = SliceFours + own + column;
            Group.Barrier();
            TSums sums = default;
            for (int start = 0; start < left.Depth; start += Depth<TSums>())
            {
                leftPart = left.Next<TSums>(leftPart);
                rightPart = right.Next<TSums>(rightPart);
                Vector4 nextLeft = TFetch.Fetch(left, leftPart), nextRight = TFetch.Fetch(right, rightPart);
                sums = AddSlice(sums, slices.SubView(leftPlace), slices.SubView(rightPlace));
                leftPlace ^= BufferFours;
                rightPlace ^= BufferFours;
                left.Put<TSums>(nextLeft, slices, leftPart);
                Vector4 put = right.Put<TSums>(nextRight, slices, rightPart);
                if (target.WritesRightSums(firstRow))
                    rightSum += put;
                Group.Barrier();
            }

            if (target.WritesRightSums(firstRow))
                WriteRightSums(rightSum, slices, lane, firstColumn);

            if (Parts<TSums>() == 1)
                WriteOwn(sums, firstRow + (row * Vector4.Width), firstColumn + (column * Vector4.Width));
            else
                WriteSummed(TSums.First(sums), slices, lane, firstRow, firstColumn);
        }

        // Each element of op(B) was brought by one lane of a tile: lanes a row of a slice apart brought the same columns.
        private void WriteRightSums(Vector4 sum, ArrayView<Vector4> shared, int lane, int firstColumn)
        {
            shared[lane] = sum;
            Group.Barrier();
            if (lane < Pitch<TSums>() && firstColumn + (lane * Vector4.Width) < target.Columns)
            {
                for (int row = 1; row < Depth<TSums>(); row++)
                    sum += shared[(row * Pitch<TSums>()) + lane];
                target.WriteRightSums(sum, firstColumn + (lane * Vector4.Width));
            }

            Group.Barrier();
        }

        private void WriteOwn(TSums sums, int firstRow, int firstColumn)
        {
            for (int block = 0; block < TSums.Across * TSums.Across; block++)
            {
                target.Write(
                    TSums.First(sums),
                    firstRow + (block / TSums.Across * BlockDistance<TSums>()),
                    firstColumn + (block % TSums.Across * BlockDistance<TSums>()));
                sums = TSums.WithoutFirst(sums);
            }
        }

        // Blocks' rows lie in shared memory by row, then lane: neighbouring lanes write and read neighbours.
        private void WriteSummed(Block sums, ArrayView<Vector4> shared, int lane, int firstRow, int firstColumn)
        {
            for (int row = 0; row < Block.Rows; row++)
            {
                shared[(row * GroupSize) + lane] = sums.First;
                sums = Block.WithoutFirst(sums);
            }

            Group.Barrier();
            int square = TSums.LanesAcross * TSums.LanesAcross;
            if (lane < Block.Rows * square)
            {
                int row = lane / square, of = lane % square;
                Vector4 sum = shared[(row * GroupSize) + of];
                for (int part = 1; part < Parts<TSums>(); part++)
                    sum += shared[(row * GroupSize) + (part * square) + of];
                target.Write(sum, firstRow + (TSums.Row(of) * Vector4.Width) + row, firstColumn + (TSums.Column(of) * Vector4.Width));
            }

            // The next tile's slices must not overwrite sums that a lane still reads.
            Group.Barrier();
        }

        // A loop, not a slice written out: ILGPU moves arithmetic to its use, which for sums is the end of a round. Behind the barrier, that is, so that what
        // was fetched would be waited for before anything is multiplied. Out of a loop it moves nothing.
        private static TSums AddSlice(TSums sums, ArrayView<Vector4> a, ArrayView<Vector4> b)
        {
            int end = RowPlace<TSums>(Depth<TSums>() / Parts<TSums>());
            for (int at = 0; at < end; at += RowPlace<TSums>(TSums.Steps))
                sums = TSums.Add(sums, a.SubView(at), b.SubView(at));
            return sums;
        }
    }
}
