using ILGPU;
using ILGPU.Util;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <content>How slices of the factors get into shared memory: a slice is [depth, side] there, whichever way its factor lies, and every lane brings four
/// elements of it.</content>
internal static partial class TileProduct
{
    private const int Buffers = 2;

    // Rows of a slice that lie without a gap.
    private const int Quad = Vector4.Width;

    // The most that a slice takes of any tile, with its gaps: of the smallest.
    private const int SliceFours = 16 * ((Quad * 16 / Vector4.Width) + 1);

    // A slice of each factor, and up to a power of two: one bit of a place says in which buffer it is.
    private const int BufferFours = 1024;

    // How many lanes side by side bring neighbours along the depth, at most: 128 bytes of memory.
    private const int LanesAlongDepth = 8;

    // How deep a slice is: all lanes together bring it in one go.
    private static int Depth<TSums>()
        where TSums : struct, ISums<TSums> => GroupSize * Vector4.Width / Side<TSums>();

    // From one row of a slice to the next, in fours.
    private static int Pitch<TSums>()
        where TSums : struct, ISums<TSums> => Side<TSums>() / Vector4.Width;

    // From four rows to the next four. The gap is as wide as what a warp brings along the side: lanes that bring neighbouring k of one row then write to
    // different banks.
    private static int QuadPitch<TSums>()
        where TSums : struct, ISums<TSums> => (Quad * Pitch<TSums>()) + (OneWarp.Lanes / LanesAlong<TSums>() / Vector4.Width);

    // Where row k begins, in fours.
    private static int RowPlace<TSums>(int k)
        where TSums : struct, ISums<TSums> => (k / Quad * QuadPitch<TSums>()) + ((k & (Quad - 1)) * Pitch<TSums>());

    private static int LanesAlong<TSums>()
        where TSums : struct, ISums<TSums> => IntrinsicMath.Min(LanesAlongDepth, Depth<TSums>() / Vector4.Width);

    /// <summary>A factor: op(A), whose side are its rows, or op(B), whose side are its columns.</summary>
    internal readonly struct Factor
    {
        internal readonly ArrayView<float> Elements;
        internal readonly int Side, Depth, AlongSide, InFours;

        // From an element to the next along the side, and along the depth.
        private readonly long sideStep, depthStep;

        /// <param name="matrix">The matrix as it lies in memory.</param>
        /// <param name="alongSide">Whether neighbours in memory are neighbours along the side: A^T and B.</param>
        internal Factor(Matrix matrix, bool alongSide)
        {
            Elements = matrix.View;
            (Side, Depth) = alongSide ? (matrix.Columns, matrix.Rows) : (matrix.Rows, matrix.Columns);
            (sideStep, depthStep) = alongSide ? (1, matrix.Columns) : (matrix.Columns, 1);
            AlongSide = alongSide ? 1 : 0;
            InFours = IsInFours(matrix.View, matrix.Columns) ? 1 : 0;
        }

        /// <summary>What <paramref name="lane"/> brings of the first slice for a tile that starts at <paramref name="first"/>.</summary>
        /// <param name="lane">The lane.</param>
        /// <param name="first">Where the tile starts.</param>
        /// <param name="slice">Where the factor's slices begin in a buffer, in fours.</param>
        internal Part PartOf<TSums>(int lane, int first, int slice)
            where TSums : struct, ISums<TSums>
        {
            int side, k;
            if (AlongSide == 1)
            {
                k = lane / (Side<TSums>() / Vector4.Width);
                side = lane % (Side<TSums>() / Vector4.Width) * Vector4.Width;
            }
            else
            {
                int along = LanesAlong<TSums>();
                side = lane / along % Side<TSums>();
                k = ((lane % along) + (lane / along / Side<TSums>() * along)) * Vector4.Width;
            }

            Part part;
            part.Left = first + side < Side ? Depth - k : 0;
            part.Count = Side - (first + side);
            part.Place = ((slice + RowPlace<TSums>(k)) * Vector4.Width) + side;
            part.Element = ((first + side) * sideStep) + (k * depthStep);
            return part;
        }

        /// <summary>What the lane brings of the slice behind, to the other buffer.</summary>
        internal Part Next<TSums>(Part part)
            where TSums : struct, ISums<TSums>
        {
            part.Left -= Depth<TSums>();
            part.Place ^= BufferFours * Vector4.Width;
            part.Element += Depth<TSums>() * depthStep;
            return part;
        }

        /// <summary>Writes a lane's part of a slice to its place in shared memory, zeros beyond the edges, and returns it so.</summary>
        internal Vector4 Put<TSums>(Vector4 four, ArrayView<Vector4> slices, Part part)
            where TSums : struct, ISums<TSums>
        {
            bool inside = part.IsInside;
            four = Vector4.Of(
                Utilities.Select(inside, four.X, 0f),
                Utilities.Select(inside, four.Y, 0f),
                Utilities.Select(inside, four.Z, 0f),
                Utilities.Select(inside, four.W, 0f));
            if (AlongSide == 1)
            {
                slices[part.Place / Vector4.Width] = four;
            }
            else
            {
                long row = Pitch<TSums>() * Vector4.Width;
                ArrayView<float> elements = slices.Cast<float>().SubView(part.Place);
                elements[0] = four.X;
                elements[row] = four.Y;
                elements[2 * row] = four.Z;
                elements[3 * row] = four.W;
            }

            return four;
        }
    }

    /// <summary>Vector4 neighbouring elements of a slice of a factor.</summary>
    internal struct Part
    {
        /// <summary>How many elements are left along the depth, from the first on; none, or fewer, beyond an edge.</summary>
        internal int Left;

        /// <summary>How many are left along the side.</summary>
        internal int Count;

        /// <summary>The first one's place in shared memory.</summary>
        internal int Place;

        /// <summary>The first one's place in the matrix.</summary>
        internal long Element;

        /// <summary>Whether there is anything, or a first element at least.</summary>
        internal readonly bool IsInside => Left > 0;
    }

    /// <summary>How a lane reads its part of a slice. A part that lies outside as a whole may be anything.</summary>
    internal interface IFetch
    {
        static abstract Vector4 Fetch(Factor factor, Part part);
    }

    /// <summary>Both factors in 128-bit accesses: a part is either inside or outside as a whole.</summary>
    internal readonly struct AllInFours : IFetch
    {
        // Outside, the first element is read, for nothing. A branch around the access would end in moves of what it has read, and a move waits for the memory.
        public static Vector4 Fetch(Factor factor, Part part) =>
            Vector4.Load(factor.Elements.SubView(Utilities.Select(part.IsInside, part.Element, 0L)), 0);
    }

    /// <summary>One factor at most in 128-bit accesses. A kernel of its own, which the other one need not carry along.</summary>
    internal readonly struct SomeInFours : IFetch
    {
        public static Vector4 Fetch(Factor factor, Part part)
        {
            Vector4 four;
            if (factor.InFours == 1)
                four = AllInFours.Fetch(factor, part);
            else if (factor.AlongSide == 1)
                four = Vector4.LoadSome(factor.Elements, part.Element, part.IsInside ? part.Count : 0);
            else
                four = Vector4.LoadSome(factor.Elements, part.Element, part.Left);
            return four;
        }
    }
}
