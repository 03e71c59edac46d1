namespace IlgpuVae.Runtime;

/// <summary>A launch's work on a processor, in shares that one lane does each. They can be done in any order, and at the same time.</summary>
internal interface IShares
{
    /// <summary>How many shares there are.</summary>
    int Count { get; }

    /// <summary>Does share <paramref name="share"/>, from 0.</summary>
    void Do(int share);
}

/// <summary>n elements in contiguous shares, which compilers for processors turn into vector code.</summary>
internal readonly struct ElementShares<TBody>(int n, int count, TBody body) : IShares
    where TBody : struct, IElementBody
{
    public int Count => count;

    public void Do(int share)
    {
        int end = Share.Start(n, count, share + 1);
        for (int i = Share.Start(n, count, share); i < end; i++)
            body.At(i);
    }
}

/// <summary>The elements of a [rows, columns] matrix in shares of whole rows.</summary>
internal readonly struct MatrixShares<TBody>(int rows, int columns, int count, TBody body) : IShares
    where TBody : struct, IMatrixBody
{
    public int Count => count;

    public void Do(int share)
    {
        int end = Share.Start(rows, count, share + 1);
        for (int row = Share.Start(rows, count, share); row < end; row++)
        {
            int start = row * columns;
            for (int column = 0; column < columns; column++)
                body.At(row, column, start + column);
        }
    }
}

/// <summary>Rows in contiguous shares.</summary>
internal readonly struct RowShares<TBody>(int rows, int count, TBody body) : IShares
    where TBody : struct, IRowBody
{
    public int Count => count;

    public void Do(int share)
    {
        int end = Share.Start(rows, count, share + 1);
        for (int row = Share.Start(rows, count, share); row < end; row++)
            body.Row(row);
    }
}

/// <summary>Tasks dealt out in turn; a share's number is its scratch slot.</summary>
internal readonly struct TaskShares<TBody>(int tasks, int count, TBody body) : IShares
    where TBody : struct, ITaskBody
{
    public int Count => count;

    public void Do(int share)
    {
        for (int task = share; task < tasks; task += count)
            body.Task(task, share);
    }
}

/// <summary>Where the shares of n things begin.</summary>
internal static class Share
{
    internal static int Start(int n, int count, int share) => (int)((long)n * share / count);
}
