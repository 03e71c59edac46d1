using System.CommandLine;
using System.Globalization;
using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Evaluation;
using IlgpuVae.Training.Runs;
using Spectre.Console;

namespace IlgpuVae.Training.CommandLine;

/// <summary>
/// What <c>train</c> shows: a table at the start, live progress, the result. With <c>--json</c> it goes to standard error and the result alone to standard
/// output.
/// </summary>
/// <param name="json">Whether the result is wanted as JSON.</param>
/// <param name="writers">Standard output and standard error.</param>
internal sealed class Report(bool json, InvocationConfiguration writers)
{
    private readonly IAnsiConsole console = Screen.On(json ? writers.Error : writers.Output);

    internal void Opening(RunPlan plan, ComputeDevice device, Trainer trainer, RunFolder folder) => Outline(plan, device, trainer, folder.Location);

    internal void Explanation(RunPlan plan, ComputeDevice device, Trainer trainer)
    {
        if (json)
            Write(new TrainingOutline(RunConfig.Of(plan, device), trainer.Vae.Parameters.Count, trainer.LaunchesPerStep, trainer.Vae.Arena.UsedBytes));
        else
            Outline(plan, device, trainer, "none: nothing is trained");
    }

    private void Outline(RunPlan plan, ComputeDevice device, Trainer trainer, string folder)
    {
        VaeDesign design = plan.Design;
        Grid grid = new Grid().AddColumn(new GridColumn { NoWrap = true }).AddColumn();
        void Line(string name, string text) => grid.AddRow(Markup.Escape(name), Markup.Escape(text));
        string splits = string.Join(", ", new[] { ("train", plan.Splits.Train), ("valid", plan.Splits.Valid), ("test", plan.Splits.Test) }
            .Where(split => split.Item2 is not null).Select(split => $"{split.Item2!.Count:N0} {split.Item1}"));
        Line("data", $"{plan.Options.Data}: {splits}, {plan.Splits.Train.Width} numbers each");
        if (plan.Splits.Train.Remark is { } remark)
            Line("left out", remark);
        Line("device", $"{device.Name} ({device.Description})");
        Line(
            "model",
            $"{design.Latents} x {design.Categories} categories, encoder {Shape(plan.Options.Encoder)}, decoder {Shape(plan.Options.Decoder)}, "
                + $"{design.Likelihood.Name} likelihood, {trainer.Vae.Parameters.Count:N0} parameters");
        if (design.ContextWidth > 0)
        {
            string layers = Shape(plan.Options.PriorNetwork ?? DesignFactory.DefaultPriorNetwork);
            string network = design.Prior == PriorKind.Conditional ? $", its network {layers}" : string.Empty;
            Line("condition", $"{plan.Options.Condition}, {design.ContextWidth} numbers each; {RunPlan.Name(design.Prior)} prior{network}");
        }

        Line("estimator", plan.Estimator.Name + (plan.Estimator.Reason is { } reason ? $" (auto: {reason})" : string.Empty));
        Line("steps", $"{plan.Steps:N0} of {plan.Settings.Batch} examples, {trainer.LaunchesPerStep} launches each");
        Schedule beta = plan.Settings.Schedules.Beta;
        Line("beta", beta.Kind == ScheduleKind.Constant ? $"{beta.From}" : $"{RunPlan.Name(beta.Kind)} from {beta.From} to {beta.To} in {beta.Steps:N0} steps");
        Line(
            "memory",
            string.Create(
                CultureInfo.InvariantCulture, $"{trainer.Vae.Arena.UsedBytes / 1048576.0:F1} MiB of the device's {device.MemoryBytes / 1048576.0:N0}"));
        Line("training data", $"{plan.Placement.Name} ({plan.Placement.Reason})");
        Line("folder", folder);
        console.Write(grid);
    }

    internal TrainingResult While(int steps, Func<Action<TrainingProgress>, TrainingResult> train)
    {
        if (!console.Profile.Capabilities.Interactive || !console.Profile.Out.IsTerminal)
            return train(Lines(steps));
        TrainingResult? result = null;
        console.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context =>
        {
            ProgressTask task = context.AddTask("training", maxValue: steps);
            result = train(progress =>
            {
                task.Value = progress.Step;
                task.Description = Markup.Escape(Summary(progress));
            });
        });
        return result!;
    }

    internal void Closing(RunPlan plan, RunFolder folder, TrainingResult result)
    {
        string[] advice = [.. RunAdvice.On(plan.Contract).Concat(RunAdvice.On(result.Report, plan.Options)).Select(OptionWords.In)];
        if (json)
        {
            Write(
                new TrainingOutcome(
                    folder.Location, plan.Estimator.Name, result.Steps, result.TrainingSeconds, result.PeakDeviceBytes, result.StepMode, result.Report, advice)
                {
                    HeldElbo = result.HeldElbo,
                    Best = result.Best,
                });
            return;
        }

        EvaluationText.Write(console, result.Report, plan.HeldName);
        console.MarkupLineInterpolated(
            CultureInfo.InvariantCulture,
            $"trained in {result.TrainingSeconds:F1} s, {result.PeakDeviceBytes / 1048576.0:F1} MiB of device memory, {result.StepMode}");
        if (result.Steps < plan.Steps)
            console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"ended after {result.Steps:N0} of {plan.Steps:N0} steps: {Patience(plan)}");
        if (result.Best.Step < result.Steps)
            console.MarkupLineInterpolated(
                CultureInfo.InvariantCulture,
                $"best on {plan.HeldName} after step {result.Best.Step:N0}, ELBO {result.Best.Elbo:F2} (now {result.HeldElbo:F2}): --checkpoint best");
        console.MarkupLineInterpolated($"pictures, metrics and checkpoint in {folder.Location}");
        foreach (string sentence in advice)
            console.MarkupLineInterpolated($"note: {sentence}");
    }

    private static string Patience(RunPlan plan) => string.Create(
        CultureInfo.InvariantCulture, $"{plan.Options.Patience} evaluations, {plan.Options.EvalEvery:N0} steps apart, found no better ELBO");

    private void Write<T>(T result) => writers.Output.WriteLine(JsonText.Of(result));

    private static string Shape(IReadOnlyList<int> widths) => widths.Count == 0 ? "linear" : string.Join("-", widths);

    private static string Summary(TrainingProgress progress)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"step {progress.Step}/{progress.Steps}");
        if (progress.Elbo is { } elbo)
            text += string.Create(CultureInfo.InvariantCulture, $"  elbo {elbo:F2}  kl {progress.Means?.Kl:F2}");
        return progress.HeldElbo is { } held ? text + string.Create(CultureInfo.InvariantCulture, $"  held out {held:F2}") : text;
    }

    // Where there is no terminal to redraw, a line at every tenth of the way.
    private Action<TrainingProgress> Lines(int steps)
    {
        int lastTenth = -1;
        return progress =>
        {
            int tenth = (int)(10L * progress.Step / steps);
            if (tenth == lastTenth)
                return;
            lastTenth = tenth;
            console.WriteLine(Summary(progress));
        };
    }
}

/// <summary>What <c>train --json</c> prints.</summary>
internal sealed record TrainingOutcome(
    string RunFolder, string Estimator, int Steps, double TrainingSeconds, long PeakDeviceBytes, string StepMode, EvaluationReport Evaluation,
    IReadOnlyList<string> Advice)
{
    /// <summary>The last step's ELBO on the held-out examples that the best step was chosen by.</summary>
    public required double HeldElbo { get; init; }

    /// <summary>The step that <c>--checkpoint best</c> uses.</summary>
    public required BestStep Best { get; init; }
}

/// <summary>What <c>train --explain --json</c> prints.</summary>
internal sealed record TrainingOutline(RunConfig Plan, long Parameters, int LaunchesPerStep, long DeviceBytes);
