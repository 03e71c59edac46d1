using System.Globalization;
using IlgpuVae.Training.Evaluation;
using Spectre.Console;

namespace IlgpuVae.Training.CommandLine;

/// <summary>An evaluation as a table for people.</summary>
internal static class EvaluationText
{
    internal static void Write(IAnsiConsole console, EvaluationReport report, string split)
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumn($"{split}, {report.Examples:N0} examples")
            .AddColumn(new TableColumn("nats per example").RightAligned());
        void Line(string name, double value, double? error = null) => table.AddRow(
            Markup.Escape(name),
            value.ToString("F2", CultureInfo.InvariantCulture) + (error is { } e ? e.ToString(" ± 0.00", CultureInfo.InvariantCulture) : string.Empty));
        Line(report.ElboKind == "exact" ? "elbo (exact)" : "elbo (hard samples)", report.Elbo, report.ElboError);
        Line("reconstruction", report.Reconstruction);
        Line("kl", report.Kl);
        if (report.LogLikelihood is { } logLikelihood)
            Line($"{(report.LogLikelihoodOf == "log p(x)" ? "log-likelihood" : report.LogLikelihoodOf)} ({report.LogLikelihoodKind})", logLikelihood);
        if (report.BestPossible is { } best)
        {
            Line("best possible log-likelihood", best);
            if (report.LogLikelihood is { } reached)
                Line("gap to it", best - reached);
        }

        if (report.LogVolume != 0)
            Line("of these, what undoing the data's scaling takes", -report.LogVolume);
        Line("mutual information of data and codes", report.MutualInformation);
        Line("marginal kl, mean posterior to prior", report.MarginalKl);
        console.Write(table);
        console.MarkupLineInterpolated(
            CultureInfo.InvariantCulture,
            $"codes used {report.CodesUsed} of {report.Codes}, perplexity {report.Perplexity:F1} a variable, active variables {report.ActiveVariables}");
    }
}
