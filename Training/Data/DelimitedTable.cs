using System.Globalization;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>A table as text: .csv and its like. See <see cref="TextRows"/> for what separates its fields.</summary>
internal sealed class DelimitedTable : ITable
{
    private readonly StreamReader reader;
    private readonly TextRows rows;
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
            Width = rows.FieldCount;
            isFirst = !IsHeader(rows);
            if (!isFirst)
                Names = [.. Enumerable.Range(0, Width).Select(column => rows.Field(column).ToString())];
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

    /// <summary>Whether a text stands for a value that is not there.</summary>
    internal static bool IsMissing(ReadOnlySpan<char> field) =>
        field.IsEmpty || field is "?" or "-" || field.Equals("nan", StringComparison.OrdinalIgnoreCase) ||
        field.Equals("na", StringComparison.OrdinalIgnoreCase) || field.Equals("null", StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public bool Next()
    {
        if (!isFirst && !rows.Next())
            return false;
        isFirst = false;
        return rows.FieldCount == Width
            ? true
            : throw new InputException(
                $"{Path}, line {rows.Line}: expected {Width} columns as in the first row, found {rows.FieldCount}. Complete the row or remove it.");
    }

    /// <inheritdoc/>
    public string Text(int column) => rows.Field(column).ToString();

    /// <inheritdoc/>
    public string Place(int column) => $"{Path}, line {rows.Line}, column {column + 1}{(Names is null ? "" : $" ({Shown.Text(Names[column])})")}";

    /// <inheritdoc/>
    public float Number(int column)
    {
        ReadOnlySpan<char> field = rows.Field(column);
        if (IsNumber(field, out double number) && float.IsFinite((float)number))
            return (float)number;
        string columns = Setting.Of(nameof(DataOptions.Columns));
        if (IsMissing(field))
            throw new InputException(
                $"{Place(column)}: expected a number, but the value is missing (found '{field}'). Fill it in or remove the row, or leave the column out "
                    + $"with {columns}.");
        if (IsNumber(field, out _))
            throw new InputException(
                $"{Place(column)}: {Shown.Text(field)} is not a finite number that a float can hold. Correct it, or leave the column out with {columns}.");
        string decimalComma = field.Contains(',') ? " Write decimals with a point." : "";
        throw new InputException(
            $"{Place(column)}: expected a number, found '{Shown.Text(field)}'.{decimalComma} Leave columns of words out with {columns}, or name one with "
                + $"{Setting.Of(nameof(DataOptions.LabelColumn))}.");
    }

    /// <inheritdoc/>
    public void Dispose() => reader.Dispose();

    /// <summary>
    /// A first row of words alone. A row with even one number is data, so that a column of words, which is an error the user must
    /// decide on, is never mistaken for a header and dropped.
    /// </summary>
    private static bool IsHeader(TextRows rows)
    {
        bool anyWord = false;
        for (int i = 0; i < rows.FieldCount; i++)
        {
            if (IsNumber(rows.Field(i), out _))
                return false;
            anyWord |= !IsMissing(rows.Field(i));
        }
        return anyWord;
    }

    private static bool IsNumber(ReadOnlySpan<char> field, out double number) =>
        double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && !double.IsNaN(number);
}
