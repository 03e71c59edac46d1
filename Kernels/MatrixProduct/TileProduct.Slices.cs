using ILGPU;
using ILGPU.Util;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <content>How slices of the factors get into shared memory: a slice is [depth, side] there, whichever way its factor lies, and every lane brings four
/// elements of it.</content>
internal static partial class TileProduct
{
    private const int Buffers = 2;

    // The most that a slice takes of either tile, its rows padded.
    private const int SliceFours = 16 * ((BlockDistance / Vector4.Width) + 1);

    // A slice of each factor.
    private const int BufferFours = 2 * SliceFours;

    // How deep a slice is: all lanes together bring it in one go.
    private static int Depth<TSums>()
        where TSums : struct, ISums<TSums> => GroupSize * Vector4.Width / Side<TSums>();

    // From one row of a slice to the next, in fours. One more than the side takes: lanes that bring neighbouring k of one row then write to different banks.
    private static int Pitch<TSums>()
        where TSums : struct, ISums<TSums> => (Side<TSums>() / Vector4.Width) + 1;

    /// <summary>A factor: op(A), whose side are its rows, or op(B), whose side are its columns.</summary>
    internal readonly struct Factor
    {
        internal readonly ArrayView<float> Elements;
        internal readonly int Side, Depth, AlongSide, InFours;

        /// <param name="matrix">The matrix as it lies in memory.</param>
        /// <param name="alongSide">Whether neighbours in memory are neighbours along the side: A^T and B.</param>
        internal Factor(Matrix matrix, bool alongSide)
        {
            Elements = matrix.View;
            (Side, Depth) = alongSide ? (matrix.Columns, matrix.Rows) : (matrix.Rows, matrix.Columns);
            AlongSide = alongSide ? 1 : 0;
            InFours = IsInFours(matrix.View, matrix.Columns) ? 1 : 0;
        }

        /// <summary>What <paramref name="lane"/> brings of the slices for a tile that starts at <paramref name="first"/>.</summary>
        internal Part PartOf<TSums>(int lane, int first)
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
                side = lane / (Depth<TSums>() / Vector4.Width);
                k = lane % (Depth<TSums>() / Vector4.Width) * Vector4.Width;
            }

            Part part;
            part.End = first + side < Side ? Depth - k : 0;
            part.Count = Side - (first + side);
            part.Place = (k * Pitch<TSums>() * Vector4.Width) + side;
            part.Element = AlongSide == 1 ? first + side + ((long)k * Side) : ((long)(first + side) * Depth) + k;
            return part;
        }

        /// <summary>
        /// Writes a lane's part of the slice that starts at k = <paramref name="start"/> to its place in shared memory, and zeros beyond the edges.
        /// </summary>
        internal void Put<TSums>(Vector4 four, int start, ArrayView<Vector4> slice, Part part)
            where TSums : struct, ISums<TSums>
        {
            bool inside = part.IsInside(start);
            four = Vector4.Of(
                Utilities.Select(inside, four.X, 0f),
                Utilities.Select(inside, four.Y, 0f),
                Utilities.Select(inside, four.Z, 0f),
                Utilities.Select(inside, four.W, 0f));
            if (AlongSide == 1)
            {
                slice[part.Place / Vector4.Width] = four;
            }
            else
            {
                long row = Pitch<TSums>() * Vector4.Width;
                ArrayView<float> elements = slice.Cast<float>().SubView(part.Place);
                elements[0] = four.X;
                elements[row] = four.Y;
                elements[2 * row] = four.Z;
                elements[3 * row] = four.W;
            }
        }
    }

    /// <summary>Vector4 neighbouring elements of every slice of a factor.</summary>
    internal struct Part
    {
        /// <summary>The start of the first slice that has nothing for the lane any more: 0 where the side has ended.</summary>
        internal int End;

        /// <summary>How many elements are left along the side.</summary>
        internal int Count;

        /// <summary>The first one's place in the slice.</summary>
        internal int Place;

        /// <summary>The first one's place in the matrix, for the first slice.</summary>
        internal long Element;

        /// <summary>Whether there is anything, or a first element at least, in the slice that starts at k = <paramref name="start"/>.</summary>
        internal readonly bool IsInside(int start) => start < End;
    }

    /// <summary>How a lane reads its part of a factor's slice that starts at k = <c>start</c>. A part that lies outside as a whole may be anything.</summary>
    internal interface IFetch
    {
        static abstract Vector4 Fetch(Factor factor, Part part, int start);
    }

    /// <summary>Both factors in 128-bit accesses: a part is either inside or outside as a whole.</summary>
    internal readonly struct AllInFours : IFetch
    {
        // Outside, the first element is read, for nothing. A branch around the access would end in moves of what it has read, and a move waits for the memory.
        public static Vector4 Fetch(Factor factor, Part part, int start)
        {
            long at = part.Element + Utilities.Select(factor.AlongSide == 1, (long)start * factor.Side, start);
            return Vector4.Load(factor.Elements.SubView(Utilities.Select(part.IsInside(start), at, 0L)), 0);
        }
    }

    /// <summary>One factor at most in 128-bit accesses. A kernel of its own, which the other one need not carry along.</summary>
    internal readonly struct SomeInFours : IFetch
    {
        public static Vector4 Fetch(Factor factor, Part part, int start)
        {
            Vector4 four;
            if (factor.InFours == 1)
                four = AllInFours.Fetch(factor, part, start);
            else if (factor.AlongSide == 1)
                four = Vector4.LoadSome(factor.Elements, part.Element + ((long)start * factor.Side), part.IsInside(start) ? part.Count : 0);
            else
                four = Vector4.LoadSome(factor.Elements, part.Element + start, part.End - start);
            return four;
        }
    }
}
