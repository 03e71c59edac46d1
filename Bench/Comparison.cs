using System.Globalization;

namespace IlgpuVae.Bench;

/// <summary>
/// Two files of measurements side by side. Rows of the same provider, work and shape are an earlier and a later measurement: a regression is a median that is
/// more than 5 % slower while its 20th percentile is beyond the earlier one's 80th. Rows of different providers with the same work and shape are compared by
/// ratio. Counted rows have no noise: a regression is a tenth more of the bound.
/// </summary>
internal sealed class Comparison(BenchFile before, BenchFile after)
{
    private const double Tolerance = 1.05, CountedTolerance = 1.1;

    /// <summary>Rows of the same provider in both files.</summary>
    internal IReadOnlyList<(BenchRow Before, BenchRow After)> Pairs { get; } =
        [.. before.Rows.Join(after.Rows, row => (row.Provider, row.Key), row => (row.Provider, row.Key), (one, other) => (one, other))];

    /// <summary>Rows of different providers with the same work.</summary>
    internal IReadOnlyList<(BenchRow Before, BenchRow After)> Rivals { get; } =
        [.. before.Rows.Join(after.Rows, row => row.Key, row => row.Key, (one, other) => (one, other)).Where(pair => pair.one.Provider != pair.other.Provider)];

    /// <summary>Rows that the first file has of a provider that is in both, and the second has not.</summary>
    internal IReadOnlyList<BenchRow> Missing { get; } =
    [
        .. before.Rows.Where(
            row => after.Rows.Any(other => other.Provider == row.Provider) && !after.Rows.Any(other => other.Provider == row.Provider && other.Key == row.Key)),
    ];

    /// <summary>Pairs of which the later one is slower beyond noise.</summary>
    internal IEnumerable<(BenchRow Before, BenchRow After)> Regressions => Pairs.Where(pair => IsRegression(pair.Before, pair.After));

    /// <summary>Whether the later row is slower beyond noise.</summary>
    internal static bool IsRegression(BenchRow before, BenchRow after) => (before.Counts, after.Counts) is ({ } one, { } other)
        ? other.FilledUs > one.FilledUs * CountedTolerance
        : after.Ms.P50 > before.Ms.P50 * Tolerance && after.Ms.P20 > before.Ms.P80;

    /// <summary>Shows both and returns the exit code: 1 where there is a regression, 2 where the first file can be no baseline of the second.</summary>
    internal int Show(TextWriter output, TextWriter errors)
    {
        output.WriteLine($"A: {Title(before)}");
        output.WriteLine($"B: {Title(after)}");
        if (before.Machine.Device != after.Machine.Device || before.Machine.Description != after.Machine.Description)
            output.WriteLine("They were measured on different devices, so a difference may be the device's.");
        Table(output, Pairs, pair => IsRegression(pair.Before, pair.After) ? "slower" : string.Empty);
        Table(output, Rivals, _ => string.Empty);
        foreach (BenchRow row in Missing)
            output.WriteLine($"missing in B: {row.Provider}, {row.Work} {row.Shape}");
        if (Pairs.Count + Rivals.Count == 0)
            output.WriteLine("They have no work in common.");
        int regressions = Regressions.Count();
        output.WriteLine(
            Invariant($"{Pairs.Count} rows measured twice, {Rivals.Count} against another provider, {Missing.Count} missing, {regressions} regressions"));
        if (before.Machine.IsDirty && Pairs.Count > 0)
        {
            errors.WriteLine(
                $"A was measured at {before.Machine.Commit}, with changes that no commit has, and cannot be a baseline. Commit them and measure again.");
            return 2;
        }

        return regressions == 0 ? 0 : 1;
    }

    private static void Table(TextWriter output, IReadOnlyList<(BenchRow Before, BenchRow After)> pairs, Func<(BenchRow Before, BenchRow After), string> remark)
    {
        foreach ((BenchRow Before, BenchRow After) pair in pairs)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{pair.Before.Work,-28} {pair.Before.Shape,-34} {pair.Before.Provider,-20} {pair.Before.Ms.P50,10:F4} ms   {pair.After.Provider,-20} "
                    + $"{pair.After.Ms.P50,10:F4} ms   A / B = {pair.Before.Ms.P50 / pair.After.Ms.P50,6:F2} {remark(pair)}").TrimEnd());
        }
    }

    private static string Title(BenchFile file) =>
        $"{file.Machine.Description ?? file.Machine.Device}, commit {file.Machine.Commit ?? "unknown"}, {file.Machine.Date ?? "undated"}, "
            + $"{string.Join(", ", file.Rows.Select(row => row.Provider).Distinct())}";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
