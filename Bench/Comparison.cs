using Spectre.Console;

namespace IlgpuVae.Bench;

/// <summary>Two files of measurements side by side; a row that is slower beyond its noise is a regression.</summary>
internal static class Comparison
{
    // Slower by more than this and beyond the spread of the base is a regression.
    private const double Tolerance = 1.05;

    internal static int Show(BenchFile before, BenchFile after)
    {
        Table table = new Table().AddColumns("work", "shape", "before", "after", "ratio", string.Empty);
        int regressions = 0;
        foreach (BenchRow row in after.Rows)
        {
            BenchRow? old = before.Rows.FirstOrDefault(other => other.Work == row.Work && other.Shape == row.Shape);
            if (old is null)
                continue;
            double ratio = old.Ms.P50 / row.Ms.P50;
            bool slower = row.Ms.P50 > old.Ms.P50 * Tolerance && row.Ms.P20 > old.Ms.P80;
            regressions += slower ? 1 : 0;
            table.AddRow(row.Work, row.Shape, $"{old.Provider} {old.Ms.P50:F3} ms", $"{row.Provider} {row.Ms.P50:F3} ms", $"{ratio:F2}x", slower ? "slower" : string.Empty);
        }

        AnsiConsole.Write(table);
        AnsiConsole.MarkupLineInterpolated($"{before.Machine.Description} at {before.Machine.Commit}, then {after.Machine.Description} at {after.Machine.Commit}: {regressions} regressions");
        return regressions == 0 ? 0 : 1;
    }
}
