using System.Globalization;
using IlgpuVae.Training.Audit;
using IlgpuVae.Training.Pictures;
using Spectre.Console;

namespace IlgpuVae.Training.CommandLine;

/// <summary>An audit for people: a table, what follows from it in words, and a picture.</summary>
internal static class AuditText
{
    internal static void Write(IAnsiConsole console, AuditReport report, string model, IReadOnlyList<string> leftOut)
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumn(new TableColumn("estimator").NoWrap());
        foreach (string heading in new[] { "bias", "noise", "deviation", "cos draw", "cos mean", "z all", "z max", "ms", "rows", "KiB" })
            table.AddColumn(new TableColumn(heading).RightAligned().NoWrap());
        table.AddColumn(new TableColumn("against the exact gradient").NoWrap());
        foreach (AuditedRow row in report.Estimators)
            table.AddRow([.. Cells(row).Select(Markup.Escape)]);

        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Latents} x {report.Categories} categories, {model}, batch of {report.Batch}, |exact dL/dlogits| = {report.ExactNorm:G3} nats"));
        console.Write(table);
        foreach (string line in Words(report).Concat(leftOut.Select(reason => $"left out: {reason}")))
            console.WriteLine(line);
    }

    internal static BiasVarianceChart Chart(AuditReport report) => new(
        string.Create(CultureInfo.InvariantCulture, $"Gradient estimators, {report.Latents} x {report.Categories} categories, batch of {report.Batch}"),
        [
            .. report.Estimators.Select(
                row =>
                    new BiasVariancePoint(
                        row.Label,
                        row.RelativeBias,
                        row.StandardDeviation * row.StandardDeviation,
                        row.Milliseconds,
                        row.NoiseFloor,
                        row.Verdict == AuditVerdict.NoBiasFound)),
        ]);

    private static string[] Cells(AuditedRow row) =>
    [
        row.Label, row.Verdict == AuditVerdict.NoBiasFound
            ? $"< {Number(row.DetectableBias)}"
            : Number(row.RelativeBias), Number(row.NoiseFloor), Number(row.StandardDeviation),
        row.CosineOfDraw.ToString("F3", CultureInfo.InvariantCulture), row.CosineOfMean.ToString("F3", CultureInfo.InvariantCulture),
        row.OmnibusZ.ToString("F1", CultureInfo.InvariantCulture), row.LargestZ.ToString("F1", CultureInfo.InvariantCulture),
        row.Milliseconds.ToString("F2", CultureInfo.InvariantCulture), $"{row.DecodedRows}", $"{row.MemoryBytes >> 10}",
        row.Verdict switch
        {
            AuditVerdict.NoBiasFound => "no bias found",
            AuditVerdict.Biased => "biased",
            _ => $"another objective: {row.Objective}",
        },
    ];

    private static IEnumerable<string> Words(AuditReport report)
    {
        string Labels(AuditVerdict verdict) =>
            string.Join("; ", report.Estimators.Where(row => row.Verdict == verdict).Select(row => row.Label)) is { Length: > 0 } some ? some : "none";
        yield return "bias, noise and deviation are relative to the exact gradient's length. bias: |mean - exact|, the noise taken out; behind < the size "
            + "from which on a bias would have been found. "
            + "noise: what |mean - exact| is of an unbiased estimator. deviation: root of one draw's total variance.";
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"A bias is found where z all (Chen and Qin's test of all coordinates) exceeds {BiasTest.OmnibusLimit:F2} or z max (one coordinate, Bonferroni) "
                + $"{report.LargestZLimit:F2}; an unbiased estimator fails one time in {1 / report.Level:F0}.");
        yield return $"No bias found: {Labels(AuditVerdict.NoBiasFound)}.";
        yield return $"Biased: {Labels(AuditVerdict.Biased)}.";
        if (report.Estimators.Any(row => row.Verdict == AuditVerdict.OtherObjective))
            yield return $"Of another objective, so that their distance to the ELBO's gradient is no error: {Labels(AuditVerdict.OtherObjective)}.";
    }

    private static string Number(double value) => value.ToString(value is 0 or (>= 0.001 and < 1000) ? "G3" : "0.0e0", CultureInfo.InvariantCulture);
}
