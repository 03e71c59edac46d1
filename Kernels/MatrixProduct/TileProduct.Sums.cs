using ILGPU;

namespace IlgpuVae.Kernels;

/// <content>What a lane keeps in registers.</content>
internal static partial class TileProduct
{
    // Blocks of a lane lie this far apart in either direction: lanes side by side then read fours side by side, whatever the tile.
    private const int BlockDistance = LanesAcross * Vector4.Width;

    private static int Side<TSums>()
        where TSums : struct, ISums<TSums> => TSums.Across * BlockDistance;

    /// <summary>The sums of a lane: Across x Across blocks.</summary>
    internal interface ISums<TSelf>
        where TSelf : struct, ISums<TSelf>
    {
        /// <summary>Blocks in either direction.</summary>
        static abstract int Across { get; }

        /// <summary>
        /// How many k at a time are written out: 128 multiply-adds of either tile, and no more numbers read for them than there are registers.
        /// </summary>
        static abstract int Steps { get; }

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

        public static int Steps => 2;

        public static LargeSums Add(LargeSums sums, ArrayView<Vector4> a, ArrayView<Vector4> b) => Step(Step(sums, a, b, 0), a, b, Pitch<LargeSums>());

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
            Vector4 top = a[at], bottom = a[at + LanesAcross], left = b[at], right = b[at + LanesAcross];
            LargeSums r;
            r.topLeft = Block.Add(sums.topLeft, top, left);
            r.topRight = Block.Add(sums.topRight, top, right);
            r.bottomLeft = Block.Add(sums.bottomLeft, bottom, left);
            r.bottomRight = Block.Add(sums.bottomRight, bottom, right);
            return r;
        }
    }

    /// <summary>[4, 4] sums.</summary>
    internal struct SmallSums : ISums<SmallSums>
    {
        private Block only;

        public static int Across => 1;

        public static int Steps => 8;

        public static SmallSums Add(SmallSums sums, ArrayView<Vector4> a, ArrayView<Vector4> b)
        {
            const long second = 4;
            return AddFour(AddFour(sums, a, b, 0), a, b, second * Pitch<SmallSums>());
        }

        public static Block First(SmallSums sums) => sums.only;

        public static SmallSums WithoutFirst(SmallSums sums) => sums;

        private static SmallSums AddFour(SmallSums sums, ArrayView<Vector4> a, ArrayView<Vector4> b, long at)
        {
            SmallSums r;
            r.only = Block.Add(sums.only, a[at], b[at]);
            r.only = Block.Add(r.only, a[at + Pitch<SmallSums>()], b[at + Pitch<SmallSums>()]);
            r.only = Block.Add(r.only, a[at + (2 * Pitch<SmallSums>())], b[at + (2 * Pitch<SmallSums>())]);
            r.only = Block.Add(r.only, a[at + (3 * Pitch<SmallSums>())], b[at + (3 * Pitch<SmallSums>())]);
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
