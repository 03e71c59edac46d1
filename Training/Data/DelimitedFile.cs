using System.Globalization;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>Reads a table of numbers as text: .csv and its like. See <see cref="TextRows"/> for what separates its fields.</summary>
internal static class DelimitedFile
{
    /// <summary>The chosen columns, and the word in the label column of each row where one is asked for.</summary>
    public static (DataSet Examples, string[]? LabelWords) Read(string path, DataOptions options) => SourceFile.Read(path, stream =>
    {
        using StreamReader reader = new(stream);
        TextRows rows = new(reader, path);
        if (!rows.Next())
            throw new InputException($"{path} holds no rows, only blank lines or comments. Name a file that holds some.");
        int width = rows.FieldCount;
        string[]? names = IsHeader(rows) ? Header(rows) : null;
        int? label = ColumnChoice.Label(path, options.LabelColumn, width, names);
        int[] columns = ColumnChoice.Data(path, options.Columns, label, width, names);
        List<float> values = [];
        List<string>? words = label is null ? null : [];
        Dictionary<string, string> known = [];

        for (bool more = names is null || rows.Next(); more; more = rows.Next())
        {
            if (rows.FieldCount != width)
                throw new InputException(
                    $"{path}, line {rows.Line}: expected {width} columns as in the first row, found {rows.FieldCount}. Complete the row or remove it.");
            HostBudget.Check(path, (UInt128)(values.Count + columns.Length), sizeof(float));
            foreach (int column in columns)
                values.Add(Number(rows, column, path, names));
            words?.Add(Label(rows, label!.Value, path, known));
        }
        if (values.Count == 0)
            throw new InputException($"{path} holds a header line and no rows. Name a file that holds some.");
        DataSet examples = new()
        {
            Name = Path.GetFileName(path),
            Count = values.Count / columns.Length,
            Width = columns.Length,
            Values = [.. values],
            Columns = new TableColumns(width, names, columns),
        };
        return (examples, words?.ToArray());
    });

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

    private static string[] Header(TextRows rows)
    {
        string[] names = new string[rows.FieldCount];
        for (int i = 0; i < names.Length; i++)
            names[i] = rows.Field(i).ToString();
        return names;
    }

    private static float Number(TextRows rows, int column, string path, string[]? names)
    {
        ReadOnlySpan<char> field = rows.Field(column);
        if (IsNumber(field, out double number) && float.IsFinite((float)number))
            return (float)number;
        string place = $"{path}, line {rows.Line}, column {column + 1}{(names is null ? "" : $" ({Shown.Text(names[column])})")}";
        if (IsMissing(field))
            throw new InputException(
                $"{place}: expected a number, but the value is missing (found '{field}'). Fill it in or remove the row, or leave the column out with "
                    + $"{Setting.Of(nameof(DataOptions.Columns))}.");
        if (IsNumber(field, out _))
            throw new InputException(
                $"{place}: {Shown.Text(field)} is not a finite number that a float can hold. Correct it, or leave the column out with "
                    + $"{Setting.Of(nameof(DataOptions.Columns))}.");
        string decimalComma = field.Contains(',') ? " Write decimals with a point." : "";
        throw new InputException(
            $"{place}: expected a number, found '{Shown.Text(field)}'.{decimalComma} Leave columns of words out with "
                + $"{Setting.Of(nameof(DataOptions.Columns))}, or name one with "
                + $"{Setting.Of(nameof(DataOptions.LabelColumn))}.");
    }

    private static string Label(TextRows rows, int column, string path, Dictionary<string, string> known)
    {
        ReadOnlySpan<char> field = rows.Field(column);
        if (IsMissing(field))
            throw new InputException(
                $"{path}, line {rows.Line}, column {column + 1}: expected a label, but it is missing (found '{Shown.Text(field)}'). Fill it in or remove "
                    + "the row.");
        Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> bySpan = known.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!bySpan.TryGetValue(field, out string? word))
            bySpan[field] = word = field.ToString();
        return word;
    }

    private static bool IsNumber(ReadOnlySpan<char> field, out double number) =>
        double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && !double.IsNaN(number);

    private static bool IsMissing(ReadOnlySpan<char> field) =>
        field.IsEmpty || field is "?" or "-" || field.Equals("nan", StringComparison.OrdinalIgnoreCase) ||
        field.Equals("na", StringComparison.OrdinalIgnoreCase) || field.Equals("null", StringComparison.OrdinalIgnoreCase);
}
