using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>A file that a run has not seen, read by the run's contract, in the file's order and a batch at a time.</summary>
internal abstract class NewData : IDisposable
{
    private readonly List<string> remarks = [];

    /// <summary>The columns that are carried along.</summary>
    public IReadOnlyList<string> KeptNames { get; protected init; } = [];

    /// <summary>What the user should know about how the file was read, a sentence each; complete when all rows are read.</summary>
    public virtual IReadOnlyList<string> Remarks => remarks;

    /// <summary>Opens a file or folder.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="contract">The run's contract.</param>
    /// <param name="reading">How the run read its own data.</param>
    /// <param name="contextsAlone">Whether what is modelled need not be there.</param>
    /// <param name="keep">Columns of a table to carry along as they are.</param>
    /// <exception cref="InputException">It cannot be read as the run's own data were.</exception>
    public static NewData Open(string path, DataContract contract, DataOptions reading, bool contextsAlone = false, IReadOnlyList<string>? keep = null)
    {
        if (contextsAlone && contract.ContextWidth == 0)
            throw new InputException("This run's model is told nothing, so it has nothing to predict from. Train one with "
                + $"{Setting.Of(nameof(TrainingOptions.Condition))}, or use sample.");
        if (File.Exists(path) && TableFile.Is(path) && contract is { IsGrey: false, TableWidth: not null })
            return new NewTable(path, contract, contextsAlone, keep ?? []);
        if (keep is { Count: > 0 })
            throw new InputException($"{path} is no table, so it has no columns to keep. Drop {Setting.Of("Keep")}.");
        return new NewSet(path, contract, reading, contextsAlone);
    }

    /// <summary>The next rows, at most <paramref name="most"/>, or null where there are no more.</summary>
    /// <exception cref="InputException">A row cannot be used; the message says which.</exception>
    public abstract RowBatch? Next(int most);

    /// <summary>All rows at once.</summary>
    public RowBatch All()
    {
        List<RowBatch> parts = [];
        while (Next(1 << 16) is { } rows)
            parts.Add(rows);
        return parts.Count == 1
            ? parts[0]
            : new RowBatch(
                0,
                parts.Sum(part => part.Count),
                Join([.. parts.Select(part => part.Examples)]),
                Join([.. parts.Select(part => part.Contexts)]),
                [.. KeptNames.Select((_, column) => parts.SelectMany(part => part.Kept[column]).ToArray())]);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes the file.</summary>
    protected virtual void Dispose(bool disposing) { }

    /// <summary>Adds a sentence.</summary>
    protected void Remark(string sentence) => remarks.Add(sentence);

    private static DataSet? Join(DataSet?[] parts) => parts[0] is not { } first ? null : first with
    {
        Count = parts.Sum(part => part!.Count),
        Values = first.Values is null ? null : [.. parts.SelectMany(part => part!.Values!)],
        Bytes = first.Bytes is null ? null : [.. parts.SelectMany(part => part!.Bytes!)],
        Labels = null,
        Context = null,
    };
}
