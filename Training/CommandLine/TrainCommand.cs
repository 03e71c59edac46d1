using System.CommandLine;
using System.Globalization;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Runs;

namespace IlgpuVae.Training.CommandLine;

/// <summary><c>train</c>: from data to a run folder.</summary>
internal static class TrainCommand
{
    private const int ShownReconstructions = 20;
    private const string AcceptChangedData = "--accept-changed-data";

    // What a resumed run may change without becoming another run.
    private static readonly string[] ChangeableOnResume =
    [
        "--steps", "--device", ThreadsOption.Name, "--stream", "--log-every", "--eval-every", "--checkpoint-every", "--patience",
    ];

    internal static Command Create(Option<bool> json)
    {
        TrainingArguments arguments = new();
        Option<string> output = new("--out") { Description = "the run folder to make; runs/<time>-<data>-<estimator> when left out" };
        Option<string> config = new("--config") { Description = "a JSON file of options, as config.json holds them; the call's own options come on top" };
        Option<string> resume = new("--resume") { Description = "continue the run in this folder from its checkpoint" };
        Option<bool> accept = new(AcceptChangedData) { Description = "with --resume: go on although the data are not what the run began with" };
        Option<int?> threads = ThreadsOption.Create();
        Option<bool> explain = new("--explain") { Description = "show what would be trained, and why that way, and train nothing" };
        Command command = new(
            "train", "Train a model and leave a run folder with metrics, a checkpoint and pictures.") { output, config, resume, accept, explain, threads,
                json };
        foreach (Option option in arguments.Options)
            command.Options.Add(option);
        command.SetAction(call =>
        {
            Report report = new(call.GetValue(json), call.InvocationConfiguration);
            int? wanted = ThreadsOption.Of(call, threads);
            IEnumerable<Option> others = new Option[] { output, config, explain }.Where(option => call.GetResult(option) is { Implicit: false });
            if (call.GetValue(resume) is { } folder)
                Resume(folder, arguments, call, wanted, report, call.GetValue(accept), [.. others.Select(option => option.Name)]);
            else if (call.GetValue(explain))
                Explain(Basis(call.GetValue(config)), arguments, call, wanted, report);
            else
                Start(Basis(call.GetValue(config)), arguments, call, wanted, call.GetValue(output), report);
            return ExitCode.Success;
        });
        return command;
    }

    private static TrainingOptions Basis(string? config) => config is null ? new TrainingOptions() : ConfigFile.Read(config);

    private static void Explain(TrainingOptions basis, TrainingArguments arguments, ParseResult call, int? threads, Report report)
    {
        TrainingOptions options = arguments.Apply(basis, call);
        using ComputeDevice device = ChosenDevice.Open(options.Device, call, threads);
        RunPlan plan = RunPlan.Make(options, device);
        using Trainer trainer = new(device, plan);
        report.Explanation(plan, device, trainer);
    }

    private static void Start(TrainingOptions basis, TrainingArguments arguments, ParseResult call, int? threads, string? output, Report report)
    {
        TrainingOptions options = arguments.Apply(basis, call);
        if (output is not null)
            RunFolder.RequireNew(output);
        using ComputeDevice device = ChosenDevice.Open(options.Device, call, threads);
        RunPlan plan = RunPlan.Make(options, device);
        using Trainer trainer = new(device, plan);

        // Everything that can be refused has been: from here on there is something to keep.
        RunFolder folder = output is null ? RunFolder.CreateDefault(ShortName(plan), plan.Estimator.Name, DateTime.Now) : RunFolder.Create(output);
        Train(device, plan, trainer, folder, report);
    }

    private static void Resume(string path, TrainingArguments arguments, ParseResult call, int? threads, Report report, bool acceptChanges, string[] others)
    {
        string[] refused = [.. arguments.Given(call).Except(ChangeableOnResume), .. others];
        if (refused.Length > 0)
        {
            throw new InputException(
                $"--resume continues the run as it was, and {refused[0]} does not go with that. "
                + $"Drop it, or start a new run; {string.Join(", ", ChangeableOnResume)} may change.");
        }

        RunFolder folder = RunFolder.Open(path);
        RunConfig config = folder.ReadConfig<RunConfig>();
        TrainingOptions options = arguments.Apply(config.Repeat() with { Steps = config.Steps, Epochs = null }, call);
        if (options.Steps != config.Steps)
            options = ScheduledOption.WithLengths(options, config.Estimator, config.Steps);
        using ComputeDevice device = ChosenDevice.Open(options.Device, call, threads);
        RunPlan plan = RunPlan.Make(options, device);
        if (!acceptChanges && folder.HasContract && plan.Contract.ChangeSince(folder.ReadContract(config, device)) is { } change)
            throw new InputException(
                $"{options.Data} has changed since the run began: {change}. Put the old data back, start a new run, or give {AcceptChangedData} to go on "
                    + "with what is there.");
        if (plan.Contract.Width != config.DataWidth || plan.Contract.ContextWidth != config.ContextWidth)
            throw new InputException(
                $"{options.Data} has {plan.Contract.Width} numbers an example to model and {plan.Contract.ContextWidth} that are told, and the run's model "
                    + $"takes {config.DataWidth} and {config.ContextWidth}. Put the old data back, or start a new run.");
        plan = plan with { Estimator = plan.Estimator with { Reason = config.EstimatorReason } };
        using Trainer trainer = new(device, plan, folder.CheckpointPath);
        Train(device, plan, trainer, folder, report);
    }

    private static void Train(ComputeDevice device, RunPlan plan, Trainer trainer, RunFolder folder, Report report)
    {
        trainer.Begin(folder);
        report.Opening(plan, device, trainer, folder);
        try
        {
            using Interruption interruption = new();
            TrainingResult result = report.While(plan.Steps, progress => trainer.Run(progress, interruption.Token));
            report.Closing(plan, folder, result);
            Draw(trainer, plan, folder, result);
        }
        catch (OperationCanceledException)
        {
            throw new TrainingFailedException(
                $"Interrupted after step {trainer.SavedStep} of {plan.Steps}; a checkpoint was written. Continue with `ilgpu-vae train --resume "
                    + $"{folder.Location}`.");
        }
    }

    // The result is out by now, so that a picture that cannot be drawn costs no more than itself.
    private static void Draw(Trainer trainer, RunPlan plan, RunFolder folder, TrainingResult result)
    {
        try
        {
            RunPictures pictures = new(trainer.Vae, plan.Held, plan.Contract);
            RunPictures.Course(
                folder.Picture("course"), MetricsLog.Read(folder.MetricsPath), plan.HeldName, Math.Min(plan.Options.EvalExamples, plan.Held.Count),
                result.Report.BestPossible);
            pictures.Reconstructions(folder.Picture("reconstructions"), ShownReconstructions);
            pictures.Codes(folder.Picture("codes"), result.MeanPosterior);
            if (plan.Held.Context is not null)
                new ConditionalSamples(trainer.Vae, plan.Held, plan.Contract)
                    .Write(folder.Picture("predictions"), ConditionalSamples.Choose(plan.Held, null, ConditionalSamples.DefaultContexts), plan.Settings.Seed);
        }
        catch (Exception error) when (error is InputException or ArgumentException)
        {
            throw new TrainingFailedException(
                $"Training is done and its checkpoint is in {folder.Location}, but not every picture could be drawn: "
                + $"{(error is InputException wrong ? OptionWords.Of(wrong) : error.Message)}", error);
        }
    }

    private static string ShortName(RunPlan plan) => plan.Options.IsBuiltIn
        ? "glyphs"
        : Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(plan.Options.Data))).Split('.')[0].ToLower(CultureInfo.InvariantCulture);
}
