using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>The numbers of a table's rows, which pandas saves as a column of its own unless it is told not to. They are no data.</summary>
internal static class RowNumbers
{
    // As pandas calls it in a .csv, in one that was read and saved again, and in a .parquet.
    private static readonly string[] Names = ["", "Unnamed: 0", "__index_level_0__"];

    /// <summary>Refuses a table that would be trained on with such a column, which nobody asked for by naming it.</summary>
    /// <exception cref="InputException">There is one.</exception>
    public static void Refuse(string path, DataOptions options, DataSet table)
    {
        if (options.Columns is not null || table.Columns is not { Names: { } names } columns || table.Count < 2)
            return;
        for (int place = 0; place < columns.Kept.Length; place++)
        {
            int column = columns.Kept[place];
            if (!Names.Contains(names[column]) || !AreDistinctWholes(table, place))
                continue;
            string others = column == 0 && columns.Kept.Length == columns.Count
                ? Setting.Of(nameof(DataOptions.Columns), $"2-{columns.Count}")
                : Setting.Of(nameof(DataOptions.Columns));
            string name = names[column].Length == 0 ? " without a name" : $" ({names[column]})";
            throw new InputException(
                $"{path}, column {column + 1}{name} numbers the rows, as pandas writes them. "
                    + $"Choose the others with {others}, or save the table again with index=False.");
        }
    }

    private static bool AreDistinctWholes(DataSet table, int place)
    {
        HashSet<float> seen = [];
        for (int i = 0; i < table.Count; i++)
        {
            float value = table.Values![(i * table.Width) + place];
            if (value != MathF.Floor(value) || !seen.Add(value))
                return false;
        }
        return true;
    }
}
