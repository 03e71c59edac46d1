using System.Runtime.CompilerServices;

namespace IlgpuVae.Runtime;

/// <summary>n elements in contiguous shares.</summary>
internal readonly struct ElementShares<TBody>(int n, int count, TBody body) : IShares
    where TBody : struct, IElementBody
{
    public int Count => count;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Do(int share)
    {
        TBody own = body;
        int end = Share.Start(n, count, share + 1);
        for (int i = Share.Start(n, count, share); i < end; i++)
            own.At(i);
    }
}

/// <summary>The elements of a [rows, columns] matrix in shares of whole rows.</summary>
internal readonly struct MatrixShares<TBody>(int rows, int columns, int count, TBody body) : IShares
    where TBody : struct, IMatrixBody
{
    public int Count => count;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Do(int share)
    {
        TBody own = body;
        int end = Share.Start(rows, count, share + 1);
        for (int row = Share.Start(rows, count, share); row < end; row++)
        {
            int start = row * columns;
            for (int column = 0; column < columns; column++)
                own.At(row, column, start + column);
        }
    }
}

/// <summary>Rows in contiguous shares.</summary>
internal readonly struct RowShares<TBody>(int rows, int count, TBody body) : IShares
    where TBody : struct, IRowBody
{
    public int Count => count;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Do(int share)
    {
        TBody own = body;
        int end = Share.Start(rows, count, share + 1);
        for (int row = Share.Start(rows, count, share); row < end; row++)
            own.Row(row);
    }
}

/// <summary>Where the shares of n things begin, and how many are worth having.</summary>
internal static class Share
{
    // More shares than threads, so that a thread that is busy elsewhere holds up only a small one.
    private const int PerThread = 4;

    // What a thread does in the two microseconds or so that it takes to share a launch.
    private const long SmallestWork = 16384;

    internal static int Start(int n, int count, int share) => (int)((long)n * share / count);

    /// <summary>How many shares <paramref name="n"/> things are done in: one where sharing would take longer than the work.</summary>
    internal static int Count(int threads, int n, KernelCost cost) =>
        (int)Math.Clamp(Math.Max(cost.Bytes, cost.Flops) / SmallestWork, 1, Math.Max(1, Math.Min(n, PerThread * threads)));
}
