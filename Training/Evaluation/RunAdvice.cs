using System.Globalization;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;

namespace IlgpuVae.Training.Evaluation;

/// <summary>What a user should know of a run's data and result without having asked, a sentence or two each, with what to try.</summary>
internal static class RunAdvice
{
    // Of all categories, the share below which most of the codes do nothing.
    private const double FewCodes = 0.25;

    // Of the most information that the codes could hold, the share below which they tell nothing.
    private const double NoInformation = 0.01;

    // Deviations between a column's mean and its farthest value.
    private const double FarOff = 50;
    private const int MostShown = 5;

    /// <summary>On the data.</summary>
    public static IEnumerable<string> On(DataContract data)
    {
        string[] constant = [.. (data.Columns ?? []).Where(column => column.Deviation == 0).Select(column => MessageText.Excerpt(column.Title))];
        if (constant.Length > 0)
            yield return $"The same value in every training example: {MessageText.List(constant, MostShown)}. Such columns say nothing; leave them out with "
                + $"{Setting.Of(nameof(DataOptions.Columns))}.";
        string[] far =
        [
            .. (data.Columns ?? []).Where(column => Farthest(column) > FarOff * column.Deviation && column.Deviation > 0)
                .Select(column => string.Create(
                    CultureInfo.InvariantCulture, $"{MessageText.Excerpt(column.Title)} ({column.Minimum:G5} to {column.Maximum:G5} around {column.Mean:G5})")),
        ];
        if (far.Length > 0)
            yield return $"Values more than {FarOff:F0} deviations from their column's mean: {MessageText.List(far, MostShown)}. Look whether they are meant; "
                + $"they govern "
                + "the scale of the column.";
    }

    /// <summary>On a result.</summary>
    public static IEnumerable<string> On(EvaluationReport report, TrainingOptions options)
    {
        double most = options.Latents * Math.Log(options.Categories);
        if (options.Categories > 1 && report.MutualInformation < NoInformation * most)
            yield return "The codes tell nothing of the data: the posterior is its prior. Try more "
                + $"{Setting.Of(nameof(options.Steps))}, {Setting.Of(nameof(options.Beta))} from a larger value down to 1, such as "
                + $"linear:10:1:{Half(options)}, or {Setting.Of(nameof(options.FreeBits))}.";
        else if (report.Codes > 3 && report.CodesUsed <= FewCodes * report.Codes)
            yield return $"Only {report.CodesUsed} of {report.Codes} codes are used. Try {Setting.Of(nameof(options.Beta))} from a larger value down to 1, "
                + $"such as linear:30:1:{Half(options)}, more {Setting.Of(nameof(options.Steps))}{Scaled(report, options)}, or fewer "
                + $"{Setting.Of(nameof(options.Categories))}.";
    }

    private static double Farthest(ContractColumn column) => Math.Max(column.Maximum - column.Mean, column.Mean - column.Minimum);

    private static int Half(TrainingOptions options) => Math.Max(1, (options.Steps ?? 3000) / 2);

    private static string Scaled(EvaluationReport report, TrainingOptions options) => options.Likelihood == "gaussian" && report.LogVolume == 0
        ? $", {Setting.Of(nameof(DataOptions.Standardise))} where columns are on scales of their own"
        : string.Empty;
}
