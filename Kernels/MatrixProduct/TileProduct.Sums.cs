using ILGPU;

namespace IlgpuVae.Kernels;

/// <content>What a lane keeps in registers.</content>
internal static partial class TileProduct
{
    // Blocks of a lane lie this far apart in either direction: lanes side by side then read fours side by side, whatever the tile.
    private static int BlockDistance<TSums>()
        where TSums : struct, ISums<TSums> => TSums.LanesAcross * Vector4.Width;

    private static int Side<TSums>()
        where TSums : struct, ISums<TSums> => TSums.Across * BlockDistance<TSums>();

    // How many squares of lanes share a tile.
    private static int Parts<TSums>()
        where TSums : struct, ISums<TSums> => GroupSize / (TSums.LanesAcross * TSums.LanesAcross);

    /// <summary>The sums of a lane: Across x Across blocks.</summary>
    internal interface ISums<TSelf>
        where TSelf : struct, ISums<TSelf>
    {
        /// <summary>Blocks in either direction.</summary>
        static abstract int Across { get; }

        /// <summary>
        /// How many k at a time are written out: 64, 128 or 256 multiply-adds, and no more numbers read for them than there are registers.
        /// </summary>
        static abstract int Steps { get; }

        /// <summary>Lanes of a square in either direction.</summary>
        static abstract int LanesAcross { get; }

        /// <summary>A lane's row in its square.</summary>
        static abstract int Row(int lane);

        /// <summary>Its column there.</summary>
        static abstract int Column(int lane);

        /// <summary>
        /// Adds the outer products of the lane's parts of that many columns of A and rows of B. <paramref name="a"/> and <paramref name="b"/> start at the
        /// first fours.
        /// </summary>
        static abstract TSelf Add(TSelf sums, ArrayView<Vector4> a, ArrayView<Vector4> b);

        /// <summary>The first block, of those that are left in row-major order.</summary>
        static abstract Block First(TSelf sums);

        /// <summary>The blocks behind the first. Registers have no index: whoever wants each block in turn moves them up.</summary>
        static abstract TSelf WithoutFirst(TSelf sums);
    }

    /// <summary>[8, 8] sums.</summary>
    internal struct LargeSums : ISums<LargeSums>
    {
        private Block topLeft, topRight, bottomLeft, bottomRight;

        public static int Across => 2;

        public static int Steps => Quad;

        public static int LanesAcross => SixteenAcross.Across;

        public static int Row(int lane) => SixteenAcross.Row(lane);

        public static int Column(int lane) => SixteenAcross.Column(lane);

        public static LargeSums Add(LargeSums sums, ArrayView<Vector4> a, ArrayView<Vector4> b)
        {
            const long second = 1, third = 2, fourth = 3;
            long row = Pitch<LargeSums>();
            return Step(Step(Step(Step(sums, a, b, 0), a, b, second * row), a, b, third * row), a, b, fourth * row);
        }

        public static Block First(LargeSums sums) => sums.topLeft;

        public static LargeSums WithoutFirst(LargeSums sums)
        {
            sums.topLeft = sums.topRight;
            sums.topRight = sums.bottomLeft;
            sums.bottomLeft = sums.bottomRight;
            return sums;
        }

        private static LargeSums Step(LargeSums sums, ArrayView<Vector4> a, ArrayView<Vector4> b, long at)
        {
            Vector4 top = a[at], bottom = a[at + SixteenAcross.Across], left = b[at], right = b[at + SixteenAcross.Across];
            LargeSums r;
            r.topLeft = Block.Add(sums.topLeft, top, left);
            r.topRight = Block.Add(sums.topRight, top, right);
            r.bottomLeft = Block.Add(sums.bottomLeft, bottom, left);
            r.bottomRight = Block.Add(sums.bottomRight, bottom, right);
            return r;
        }
    }

    /// <summary>[4, 4] sums.</summary>
    internal struct SmallSums<TLanes> : ISums<SmallSums<TLanes>>
        where TLanes : struct, ILanes
    {
        private Block only;

        public static int Across => 1;

        public static int Steps => IntrinsicMath.Min(2 * Quad, Depth<SmallSums<TLanes>>() / Parts<SmallSums<TLanes>>());

        public static int LanesAcross => TLanes.Across;

        public static int Row(int lane) => TLanes.Row(lane);

        public static int Column(int lane) => TLanes.Column(lane);

        public static SmallSums<TLanes> Add(SmallSums<TLanes> sums, ArrayView<Vector4> a, ArrayView<Vector4> b)
        {
            SmallSums<TLanes> r = AddFour(sums, a, b, 0);
            if (Steps > Quad)
                r = AddFour(r, a, b, QuadPitch<SmallSums<TLanes>>());
            return r;
        }

        public static Block First(SmallSums<TLanes> sums) => sums.only;

        public static SmallSums<TLanes> WithoutFirst(SmallSums<TLanes> sums) => sums;

        private static SmallSums<TLanes> AddFour(SmallSums<TLanes> sums, ArrayView<Vector4> a, ArrayView<Vector4> b, long at)
        {
            const long second = 1, third = 2, fourth = 3;
            long row = Pitch<SmallSums<TLanes>>();
            SmallSums<TLanes> r;
            r.only = Block.Add(sums.only, a[at], b[at]);
            r.only = Block.Add(r.only, a[at + (second * row)], b[at + (second * row)]);
            r.only = Block.Add(r.only, a[at + (third * row)], b[at + (third * row)]);
            r.only = Block.Add(r.only, a[at + (fourth * row)], b[at + (fourth * row)]);
            return r;
        }
    }

    /// <summary>[4, 4] numbers.</summary>
    internal struct Block
    {
        /// <summary>Its rows.</summary>
        internal const int Rows = 4;

        private Vector4 first, second, third, fourth;

        /// <summary>The first row.</summary>
        internal readonly Vector4 First => first;

        /// <summary>c + a b, a column times a row.</summary>
        internal static Block Add(Block c, Vector4 a, Vector4 b)
        {
            Block r;
            r.first = Vector4.MultiplyAdd(Vector4.Fill(a.X), b, c.first);
            r.second = Vector4.MultiplyAdd(Vector4.Fill(a.Y), b, c.second);
            r.third = Vector4.MultiplyAdd(Vector4.Fill(a.Z), b, c.third);
            r.fourth = Vector4.MultiplyAdd(Vector4.Fill(a.W), b, c.fourth);
            return r;
        }

        /// <summary>The rows behind the first, moved up.</summary>
        internal static Block WithoutFirst(Block block)
        {
            block.first = block.second;
            block.second = block.third;
            block.third = block.fourth;
            return block;
        }
    }
}
