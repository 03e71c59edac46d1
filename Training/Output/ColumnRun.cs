namespace IlgpuVae.Training.Output;

/// <summary>
/// Columns next to each other whose numbers stand side by side in one matrix, or one column alone: what is asked of a column's type is asked once for all
/// numbers of a row.
/// </summary>
/// <param name="First">The first of them.</param>
/// <param name="Place">Its place among all columns.</param>
/// <param name="Count">How many they are.</param>
internal readonly record struct ColumnRun(OutputColumn First, int Place, int Count)
{
    /// <summary>All columns as such runs, in order.</summary>
    public static ColumnRun[] Of(IReadOnlyList<OutputColumn> columns)
    {
        List<ColumnRun> runs = [];
        for (int c = 0; c < columns.Count; c++)
        {
            if (c > 0 && columns[c - 1].IsBeside(columns[c]))
                runs[^1] = runs[^1] with { Count = runs[^1].Count + 1 };
            else
                runs.Add(new ColumnRun(columns[c], c, 1));
        }

        return [.. runs];
    }
}
