namespace IlgpuVae.Training.Data;

/// <summary>The classes that a run's model is told, each once, as contexts.</summary>
internal sealed class ClassRows : NewData
{
    private readonly DataSet contexts;
    private int read;

    /// <summary>All classes, or one alone.</summary>
    public ClassRows(DataContract contract, int? only)
    {
        int[] classes = only is { } one ? [one] : [.. Enumerable.Range(0, contract.ContextWidth)];
        contexts = Condition.OneHot(contract.Name, classes, contract.ContextWidth);
    }

    /// <inheritdoc/>
    public override RowBatch? Next(int most)
    {
        if (read == contexts.Count)
            return null;
        int[] rows = [.. Enumerable.Range(read, Math.Min(most, contexts.Count - read))];
        read += rows.Length;
        return new RowBatch(read - rows.Length, rows.Length, null, contexts.Take(rows, contexts.Name), []);
    }
}
