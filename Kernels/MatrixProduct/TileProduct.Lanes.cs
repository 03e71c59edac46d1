namespace IlgpuVae.Kernels;

/// <content>How lanes lie over a tile.</content>
internal static partial class TileProduct
{
    // Lanes whose numbers differ in bit 0 read the same rows, and in bit 1 the same columns: shared memory then serves a 128-bit read to sixteen lanes at a
    // time, otherwise to eight.

    /// <summary>A square of lanes. Where it is smaller than the group there are several, and each takes its part of the depth.</summary>
    internal interface ILanes
    {
        /// <summary>Lanes in either direction.</summary>
        static abstract int Across { get; }

        /// <summary>Which row of lanes a lane is in.</summary>
        static abstract int Row(int lane);

        /// <summary>Which column of lanes it is in.</summary>
        static abstract int Column(int lane);
    }

    /// <summary>The whole group, a warp 8 x 4 of it.</summary>
    internal readonly struct SixteenAcross : ILanes
    {
        public static int Across => 16;

        public static int Row(int lane) => ((lane >> 1) & 7) | ((lane >> 2) & 8);

        public static int Column(int lane) => (lane & 1) | ((lane >> 3) & 2) | ((lane >> 4) & 12);
    }

    /// <summary>A quarter of the group, a warp 8 x 4 of it.</summary>
    internal readonly struct EightAcross : ILanes
    {
        public static int Across => 8;

        public static int Row(int lane) => (lane >> 1) & 7;

        public static int Column(int lane) => (lane & 1) | ((lane >> 3) & 6);
    }

    /// <summary>A sixteenth of the group, two in a warp.</summary>
    internal readonly struct FourAcross : ILanes
    {
        public static int Across => 4;

        public static int Row(int lane) => (lane >> 1) & 3;

        public static int Column(int lane) => (lane & 1) | ((lane >> 2) & 2);
    }
}
