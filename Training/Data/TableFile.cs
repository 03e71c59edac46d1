using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>Tables: which files are, and what of one is trained on.</summary>
internal static class TableFile
{
    /// <summary>Extensions of files that hold tables.</summary>
    internal static readonly string[] Extensions = [".csv", ".tsv", ".data", ".tra", ".tes", ".txt", Parquet];

    private const string Parquet = ".parquet";

    /// <summary>Whether a file's name says that it is a table.</summary>
    public static bool Is(string path) => Extensions.Contains(SourceFile.Name(path).Extension);

    /// <summary>Opens a table at its first row of data. What is wrong with it may show later: see <see cref="SourceFile.OrRefuse"/>.</summary>
    public static ITable Open(string path) => SourceFile.OrRefuse<ITable>(
        path, () => SourceFile.Name(path).Extension == Parquet ? new ParquetTable(path) : new DelimitedTable(path));

    /// <summary>The chosen columns, and the word in the label column of each row where one is asked for.</summary>
    public static (DataSet Examples, string[]? LabelWords) Read(string path, DataOptions options) => SourceFile.OrRefuse(path, () =>
    {
        using ITable table = Open(path);
        int? label = ColumnSelection.Label(path, options.LabelColumn, table.Width, table.Names);
        int[] columns = ColumnSelection.Data(path, options.Columns, label, table.Width, table.Names);
        List<float> values = [];
        List<string>? words = label is null ? null : [];
        Dictionary<string, string> known = [];
        while (table.Next())
        {
            HostBudget.Check(path, (UInt128)(values.Count + columns.Length), sizeof(float));
            foreach (int column in columns)
                values.Add(table.Number(column));
            words?.Add(Label(table, label!.Value, known));
        }

        if (values.Count == 0)
            throw new InputException($"{path} holds a header line and no rows. Name a file that holds some.");
        DataSet examples = new()
        {
            Name = Path.GetFileName(path),
            Count = values.Count / columns.Length,
            Width = columns.Length,
            Values = [.. values],
            Columns = new TableColumns(table.Width, table.Names, columns, label),
        };
        RowNumbers.Refuse(path, options, examples);
        return (examples, words?.ToArray());
    });

    /// <summary>The class in a row's column; the same text for the same class.</summary>
    internal static string Label(ITable table, int column, Dictionary<string, string> known)
    {
        string word = table.Text(column);
        if (MissingValue.Is(word))
            throw new InputException(
                $"{table.Place(column)}: expected a label, but it is missing (found '{MessageText.Excerpt(word)}'). Fill it in or remove the row.");
        if (!known.TryGetValue(word, out string? same))
            known[word] = same = word;
        return same;
    }
}
