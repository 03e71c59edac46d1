using System.CommandLine;
using System.Globalization;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Runs;

namespace IlgpuVae.Training.CommandLine;

/// <summary><c>train</c>: from data to a run folder.</summary>
internal static class TrainCommand
{
    private const int ShownReconstructions = 20;

    // What a resumed run may change without becoming another run.
    private static readonly string[] ChangeableOnResume = ["--steps", "--device", "--log-every", "--eval-every", "--checkpoint-every"];

    internal static Command Create(Option<bool> json)
    {
        TrainingArguments arguments = new();
        Option<string> output = new("--out") { Description = "the run folder to make; runs/<time>-<data>-<estimator> when left out" };
        Option<string> config = new("--config") { Description = "a JSON file of options, as config.json holds them; the call's own options come on top" };
        Option<string> resume = new("--resume") { Description = "continue the run in this folder from its checkpoint" };
        Command command = new("train", "Train a model and leave a run folder with metrics, a checkpoint and pictures.") { output, config, resume, json };
        foreach (Option option in arguments.Options)
            command.Options.Add(option);
        command.SetAction(call =>
        {
            Report report = new(call.GetValue(json));
            if (call.GetValue(resume) is { } folder)
                Resume(folder, arguments, call, report, [.. new Option[] { output, config }.Where(option => call.GetResult(option) is not null).Select(option => option.Name)]);
            else
                Start(Basis(call.GetValue(config)), arguments, call, call.GetValue(output), report);
            return ExitCode.Success;
        });
        return command;
    }

    private static TrainingOptions Basis(string? config) => config is null ? new TrainingOptions() : ConfigFile.Read(config);

    private static void Start(TrainingOptions basis, TrainingArguments arguments, ParseResult call, string? output, Report report)
    {
        TrainingOptions options = arguments.Apply(basis, call);
        using ComputeDevice device = ComputeDevice.Open(options.Device);
        RunPlan plan = RunPlan.Make(options, DataSource.Open(options.Data, options.Reading), device);
        RunFolder folder = output is null ? RunFolder.CreateDefault(ShortName(options.Data), plan.Estimator.Name, DateTime.Now) : RunFolder.Create(output);
        folder.WriteConfig(RunConfig.Of(plan, device));
        Train(device, plan, folder, report, resume: false);
    }

    private static void Resume(string path, TrainingArguments arguments, ParseResult call, Report report, string[] others)
    {
        string[] refused = [.. arguments.Given(call).Except(ChangeableOnResume), .. others];
        if (refused.Length > 0)
            throw new InputException($"--resume continues the run as it was, and {refused[0]} would change it. Drop it, or start a new run; {string.Join(", ", ChangeableOnResume)} may change.");
        RunFolder folder = RunFolder.Open(path);
        RunConfig config = folder.ReadConfig<RunConfig>();
        TrainingOptions options = arguments.Apply(config.Options with { Device = config.Device, Steps = config.Steps, Epochs = null, Estimator = config.Estimator }, call);
        using ComputeDevice device = ComputeDevice.Open(options.Device);
        RunPlan plan = RunPlan.Make(options, DataSource.Open(options.Data, options.Reading), device);
        plan = plan with { Estimator = plan.Estimator with { Reason = config.EstimatorReason } };
        folder.WriteConfig(RunConfig.Of(plan, device));
        Train(device, plan, folder, report, resume: true);
    }

    private static void Train(ComputeDevice device, RunPlan plan, RunFolder folder, Report report, bool resume)
    {
        using Trainer trainer = new(device, plan, folder, resume);
        report.Opening(plan, device, trainer, folder);
        using CancellationTokenSource interrupt = new();
        ConsoleCancelEventHandler stop = (_, pressed) =>
        {
            pressed.Cancel = true;
            interrupt.Cancel();
        };
        Console.CancelKeyPress += stop;
        try
        {
            TrainingResult result = report.While(plan.Steps, progress => trainer.Run(progress, interrupt.Token));
            Draw(trainer, plan, folder, result);
            report.Closing(plan, folder, result);
        }
        catch (OperationCanceledException)
        {
            throw new TrainingFailedException($"Interrupted; a checkpoint was written. Continue with: train --resume {folder.Location}");
        }
        finally
        {
            Console.CancelKeyPress -= stop;
        }
    }

    private static void Draw(Trainer trainer, RunPlan plan, RunFolder folder, TrainingResult result)
    {
        RunPictures pictures = new(trainer.Vae, plan.Held);
        pictures.Reconstructions(folder.Picture("reconstructions"), ShownReconstructions);
        pictures.Codes(folder.Picture("codes"), result.MeanPosterior);
        RunPictures.Course(folder.Picture("course"), MetricsLog.Read(folder.MetricsPath), plan.HeldName, result.Report.BestPossible);
    }

    private static string ShortName(string data) => data.StartsWith("glyphs", StringComparison.Ordinal)
        ? "glyphs"
        : Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(data))).Split('.')[0].ToLower(CultureInfo.InvariantCulture);
}
