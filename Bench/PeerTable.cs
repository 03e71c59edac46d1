using Spectre.Console;

namespace IlgpuVae.Bench;

/// <summary>Our rows and the peers' side by side. Where a work of ours was measured several times, a ratio is to the slowest of our medians.</summary>
internal static class PeerTable
{
    private const string Ours = "ilgpu-vae";

    // Names are long, and lines that break are hard to read where nobody looks at a terminal.
    private const int Width = 190;

    internal static int Show(IReadOnlyList<BenchFile> files)
    {
        if (!AnsiConsole.Profile.Out.IsTerminal)
            AnsiConsole.Profile.Width = Width;
        BenchRow[] rows = [.. files.SelectMany(file => file.Rows)];
        LossRow[] losses = [.. files.SelectMany(file => file.Losses ?? [])];
        Table table = new Table().AddColumns("work", "shape", "provider", "ms", "p20 to p80", "times ours", "MiB", "loss", $"after {SameState.Steps} steps");
        foreach (
            IGrouping<(string Work, string Shape),
            BenchRow> work in rows.GroupBy(row => (row.Work, row.Shape)).Where(each => each.Any(row => row.Provider != Ours)))
        {
            double? slowest = work.Where(row => row.Provider == Ours).Select(row => (double?)row.Ms.P50).Max();
            foreach (BenchRow row in work.OrderBy(row => row.Provider != Ours).ThenBy(row => row.Provider, StringComparer.Ordinal))
            {
                LossRow? loss = losses.FirstOrDefault(each => each.Provider == row.Provider && each.Work == row.Work && each.Shape == row.Shape);
                table.AddRow(
                    row.Work,
                    row.Shape,
                    row.Provider,
                    $"{row.Ms.P50:F3}",
                    $"{row.Ms.P20:F3} to {row.Ms.P80:F3}",
                    row.Provider != Ours && slowest is { } ours ? $"{row.Ms.P50 / ours:F2}" : string.Empty,
                    row.PeakBytes is { } bytes ? $"{bytes / 1048576.0:F1}" : string.Empty,
                    loss is null ? string.Empty : $"{loss.First:F4}",
                    loss?.Last is { } last ? $"{last:F4}" : string.Empty);
            }
        }

        AnsiConsole.Write(table);
        return 0;
    }
}
