using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>A table as text: .csv and its like. See <see cref="TextRows"/> for what separates its fields.</summary>
internal sealed class DelimitedTable : ITable
{
    private readonly StreamReader reader;
    private readonly TextRows rows;
    private readonly bool endsWithDelimiter;
    private bool isFirst;

    /// <summary>Opens a table at its first row of data.</summary>
    /// <exception cref="InputException">It holds nothing.</exception>
    public DelimitedTable(string path)
    {
        Path = path;
        reader = new StreamReader(SourceFile.Open(path));
        rows = new TextRows(reader, path);
        try
        {
            if (!rows.Next())
                throw new InputException($"{path} holds no rows, only blank lines or comments. Name a file that holds some.");
            // A delimiter behind the last value makes no column.
            endsWithDelimiter = rows.FieldCount > 1 && rows.Delimiter != ' ' && rows.Field(rows.FieldCount - 1).IsEmpty;
            Width = rows.FieldCount - (endsWithDelimiter ? 1 : 0);
            Names = ReadNames();
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Path { get; }

    /// <inheritdoc/>
    public int Width { get; }

    /// <inheritdoc/>
    public string[]? Names { get; }

    /// <inheritdoc/>
    public bool Next()
    {
        if (!isFirst && !rows.Next())
            return false;
        isFirst = false;
        if (rows.FieldCount == Width || (rows.FieldCount == Width + 1 && rows.Field(Width).IsEmpty))
            return true;
        if (endsWithDelimiter && rows.FieldCount == Width + 1)
            throw new InputException(
                $"{Place(Width - 1)}: a value follows in column {Width + 1}, where the first row has none behind its last delimiter. Fill that one in, or "
                    + "remove this one.");
        throw new InputException(
            $"{Path}, line {rows.Line}: expected {Width} columns as in the first row, found {rows.FieldCount}. Complete the row or remove it.");
    }

    /// <inheritdoc/>
    public string Text(int column) => rows.Field(column).ToString();

    /// <inheritdoc/>
    public string Place(int column) => $"{Path}, line {rows.Line}, column {column + 1}{(Names is null ? "" : $" ({MessageText.Excerpt(Names[column])})")}";

    /// <inheritdoc/>
    public float Number(int column)
    {
        ReadOnlySpan<char> field = rows.Field(column);
        bool isNumber = TableNumber.TryRead(field, rows.Delimiter, out double number);
        if (isNumber && float.IsFinite((float)number))
            return (float)number;
        string columns = Setting.Of(nameof(DataOptions.Columns));
        if (isNumber)
            throw new InputException(
                $"{Place(column)}: {MessageText.Excerpt(field)} is not a finite number that a float can hold. Correct it, or leave the column out with "
                    + $"{columns}.");
        if (MissingValue.Is(field))
            throw new InputException(
                $"{Place(column)}: expected a number, but the value is missing (found '{field}'). Fill it in or remove the row, or leave the column out "
                    + $"with {columns}.");
        throw new InputException(
            $"{Place(column)}: expected a number, found '{MessageText.Excerpt(field)}'. " + (TableNumber.Advice(field, rows.Delimiter) is { } advice
                ? $"{advice}."
                : $"Leave columns of words out with {columns}, or name one with {Setting.Of(nameof(DataOptions.LabelColumn))}."));
    }

    /// <inheritdoc/>
    public void Dispose() => reader.Dispose();

    // Reads on to the row of the first example where that does not stand in the first row.
    private string[]? ReadNames()
    {
        string[] first = Fields();
        if (TableHeader.IsOfWords(first, rows.Delimiter))
            return first;
        isFirst = true;
        if (!TableHeader.Counts(first))
            return TableHeader.OfComment(rows.Comment, rows.Delimiter, Width);
        int line = rows.Line;
        isFirst = rows.Next();
        TableHeader.CheckCounts(Path, line, first, isFirst ? Fields() : []);
        return first;
    }

    private string[] Fields() => [.. Enumerable.Range(0, Math.Min(Width, rows.FieldCount)).Select(column => rows.Field(column).ToString())];
}
