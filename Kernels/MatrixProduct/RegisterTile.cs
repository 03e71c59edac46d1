using System.Runtime.CompilerServices;

namespace IlgpuVae.Kernels;

/// <summary>
/// Six rows of A times a packed panel [depth, W]: 6 x W sums that stay in registers while one row of the panel is multiplied by six numbers of A.
/// </summary>
internal static unsafe class RegisterTile
{
    /// <summary>Rows of a tile.</summary>
    internal const int Rows = 6;

    /// <summary>Writes the sums to <paramref name="target"/>, rows <paramref name="targetStride"/> apart, or adds them to what is there.</summary>
    /// <param name="panel">The panel, its rows without gaps.</param>
    /// <param name="depth">How many rows it has.</param>
    /// <param name="a">The first number of A.</param>
    /// <param name="rowStride">From a number of A to that of the next row.</param>
    /// <param name="depthStride">From a number of A to the next of its row.</param>
    /// <param name="height">How many rows there are; further ones repeat the last, and are not written.</param>
    /// <param name="target">Where the sums go.</param>
    /// <param name="targetStride">From a row of sums to the next.</param>
    /// <param name="isFirst">Whether they replace what is there.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Multiply<T>(
        float* panel, int depth, float* a, nint rowStride, nint depthStride, int height, float* target, nint targetStride, bool isFirst)
        where T : struct, IPanelVector<T>
    {
        T c0 = T.Zero, c1 = T.Zero, c2 = T.Zero, c3 = T.Zero, c4 = T.Zero, c5 = T.Zero;
        nint last = (height - 1) * rowStride;
        float* a1 = a + Math.Min(rowStride, last), a2 = a + Math.Min(2 * rowStride, last), a3 = a + Math.Min(3 * rowStride, last);
        float* a4 = a + Math.Min(4 * rowStride, last), a5 = a + Math.Min(5 * rowStride, last);
        float* end = panel + ((nint)depth * T.Width);
        nint k = 0;
        for (float* at = panel; at < end; at += T.Width)
        {
            T row = T.Load(at);
            c0 = T.MultiplyAdd(a[k], row, c0);
            c1 = T.MultiplyAdd(a1[k], row, c1);
            c2 = T.MultiplyAdd(a2[k], row, c2);
            c3 = T.MultiplyAdd(a3[k], row, c3);
            c4 = T.MultiplyAdd(a4[k], row, c4);
            c5 = T.MultiplyAdd(a5[k], row, c5);
            k += depthStride;
        }

        Write(c0, target, isFirst);
        if (height > 1)
            Write(c1, target + targetStride, isFirst);
        if (height > 2)
            Write(c2, target + (2 * targetStride), isFirst);
        if (height > 3)
            Write(c3, target + (3 * targetStride), isFirst);
        if (height > 4)
            Write(c4, target + (4 * targetStride), isFirst);
        if (height > 5)
            Write(c5, target + (5 * targetStride), isFirst);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write<T>(T sum, float* target, bool isFirst)
        where T : struct, IPanelVector<T>
    {
        if (!isFirst)
            sum += T.Load(target);
        T.Store(sum, target);
    }
}
