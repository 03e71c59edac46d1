using System.CommandLine;
using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Audit;
using IlgpuVae.Training.Estimators;
using IlgpuVae.Training.Runs;
using IlgpuVae.Training.Steps;
using Spectre.Console;

namespace IlgpuVae.Training.CommandLine;

/// <summary><c>audit</c>: every estimator against the exact gradient of one batch, on a run's model or on one made from options.</summary>
internal static class AuditCommand
{
    private const int LeastDraws = 128;
    private const int MostSteps = 1_000_000;

    // With --run the model is there already.
    private static readonly string[] UsableWithRun = ["--data", "--device", ThreadsOption.Name, "--batch", "--seed", "--temperature"];

    internal static Command Create(Option<bool> json)
    {
        TrainingArguments arguments = new();
        Option<string> run = new("--run")
        {
            Description = "the folder of a run whose model to audit; left out: a model of the options below at its initial parameters",
        };
        Option<int> draws = new("--draws")
        {
            Description = "draws of the batch's gradient from each estimator",
            DefaultValueFactory = _ => new AuditSettings().Draws,
        };
        Option<int> tune = new("--tune")
        {
            Description = "steps to train an estimator's own parameters for before it is measured",
            DefaultValueFactory = _ => new AuditSettings().Tune,
        };
        Option<string> estimators = new("--estimators") { Description = $"some of {string.Join(",", EstimatorChoice.Names)}; all when left out" };
        Option<int?> threads = ThreadsOption.Create();
        Option<string> output = new("--out") { Description = "where to write OUT.json and OUT.png; audit in the run folder when left out" };
        Command command = new("audit", "Compare gradient estimators with the exact gradient: bias, variance, cost.")
        {
            run, draws, tune, estimators, threads, output, json,
        };
        foreach (Option option in arguments.Audited)
            command.Options.Add(option);
        command.SetAction(call =>
        {
            AuditSettings settings = new()
            {
                Draws = Within("--draws", call.GetValue(draws), LeastDraws),
                Tune = Within("--tune", call.GetValue(tune), 0),
            };
            string[]? names = call.GetValue(estimators)?.Split(',', StringSplitOptions.TrimEntries);
            AuditCall asked = new(settings, arguments, [.. arguments.Given(call)], call, names, ThreadsOption.Of(call, threads));
            string? prefix = Prefix(call.GetValue(output));
            (AuditReport report, string model, List<string> leftOut) = call.GetValue(run) is { } folder ? OfRun(folder, asked) : OfOptions(asked);
            prefix ??= call.GetValue(run) is { } place ? Path.Combine(place, "audit") : null;
            if (call.GetValue(json))
                call.InvocationConfiguration.Output.WriteLine(JsonText.Of(report));
            else
                AuditText.Write(Screen.On(call.InvocationConfiguration.Output), report, model, leftOut);
            Save(report, prefix, call);
            return ExitCode.Success;
        });
        return command;
    }

    private static (AuditReport Report, string Model, List<string> LeftOut) OfRun(string folder, AuditCall asked)
    {
        string[] refused = [.. asked.Given.Except(UsableWithRun)];
        if (refused.Length > 0)
            throw new InputException(
                $"--run has its model and settings, and {refused[0]} does not go with it. Drop one of the two; {string.Join(", ", UsableWithRun)} may be "
                    + "given.");
        TrainingOptions options = asked.Arguments.Apply(Defaults, asked.Call);
        RunConfig config = RunFolder.Open(folder).ReadConfig<RunConfig>();
        EstimatorAudit.RequireEnumerable(config.Options.Latents, config.Options.Categories);
        string? data = asked.Given.Contains("--data") ? options.Data : null, device = asked.Given.Contains("--device") ? options.Device : null;
        using UsedRun run = new(folder, RunCheckpoint.Last, data, device, asked.Call, asked.Threads);
        DiscreteVae vae = run.Model.Vae;
        return Audit(
            vae,
            run.HasNewData ? new DeviceData(vae.Device, vae.Arena, run.Examples(null).Data) : run.Own.TrainingData(vae),
            run.HasNewData ? DeviceBinarisation.None : run.Own.Settings.Binarisation,
            options,
            asked,
            $"{folder} after {run.Model.Step:N0} steps");
    }

    private static (AuditReport Report, string Model, List<string> LeftOut) OfOptions(AuditCall asked)
    {
        TrainingOptions options = asked.Arguments.Apply(Defaults, asked.Call);
        int steps = Within("--steps", options.Steps ?? 0, 0);
        EstimatorAudit.RequireEnumerable(options.Latents, options.Categories);
        using ComputeDevice device = ChosenDevice.Open(options.Device, asked.Call, asked.Threads);
        RunPlan plan = RunPlan.Make(options with { Steps = steps == 0 ? null : steps }, device);
        using DiscreteVae vae = new(device, plan.Design, options.Seed, options.MemoryLimit << 20);
        DeviceData data = plan.TrainingData(vae);
        if (steps > 0)
            Train(vae, data, plan);
        string model = steps == 0 ? "initial parameters (--steps trains first, exactly)" : $"after {steps:N0} steps of exact training";
        return Audit(vae, data, plan.Settings.Binarisation, options, asked, model);
    }

    private static TrainingOptions Defaults => new() { Batch = new AuditSettings().Batch, Estimator = "exact" };

    private static (AuditReport Report, string Model, List<string> LeftOut) Audit(
        DiscreteVae vae, DeviceData data, DeviceBinarisation binarisation, TrainingOptions options, AuditCall asked, string model)
    {
        if (options.Batch < 1)
            throw new InputException($"--batch is {options.Batch}, and has to be at least 1.");
        float? temperature = options.Temperature is { } text ? ScheduleText.Parse(text, 1, nameof(options.Temperature), positive: true).To : null;
        List<(string Name, InputException Why)> leftOut = [];
        IReadOnlyList<AuditedEstimator> estimators = asked.Names is { } names
            ? [.. names.SelectMany(name => AuditedEstimator.Of(name, vae.Design, options.Batch, vae.Device, temperature))]
            : AuditedEstimator.All(vae.Design, options.Batch, vae.Device, temperature, leftOut);
        EstimatorAudit audit = new(vae, data, asked.Settings with { Batch = options.Batch, Binarisation = binarisation, Seed = options.Seed });
        return (
            Watched(audit, estimators, Screen.On(asked.Call.InvocationConfiguration.Error)),
            model,
            [.. leftOut.Select(left => $"{left.Name}: {OptionWords.Of(left.Why)}")]);
    }

    private static void Train(DiscreteVae vae, DeviceData data, RunPlan plan)
    {
        using TrainingStep step = new(vae, data, plan.Settings);
        for (int i = 0; i < plan.Steps; i++)
            step.Run();
        if (step.ReadState().FirstBadStep is > 0 and int bad)
            throw new TrainingFailedException(
                $"The loss or its gradient is not finite at step {bad} of the training before the audit. Use a smaller --learning-rate, or fewer --steps.");
    }

    private static AuditReport Watched(EstimatorAudit audit, IReadOnlyList<AuditedEstimator> estimators, IAnsiConsole console)
    {
        if (!console.Profile.Out.IsTerminal)
            return audit.Run(estimators);
        return console.Progress().AutoClear(true).Start(context =>
        {
            ProgressTask task = context.AddTask("audit", maxValue: 1);
            return audit.Run(estimators, (label, done) => (task.Description, task.Value) = (Markup.Escape(label), done));
        });
    }

    private static void Save(AuditReport report, string? prefix, ParseResult call)
    {
        if (prefix is null)
            return;
        JsonText.Save($"{prefix}.json", report);
        AuditText.Chart(report).Save($"{prefix}.png");
        if (!call.GetValue<bool>("--json"))
            call.InvocationConfiguration.Output.WriteLine($"{prefix}.json{Environment.NewLine}{prefix}.png");
    }

    private static int Within(string option, int value, int least) => value >= least && value <= MostSteps
        ? value
        : throw new InputException($"{option} is {value}, and has to be from {least} to {MostSteps:N0}.");

    // With or without the ending of one of the two files.
    private static string? Prefix(string? path)
    {
        if (path is null)
            return null;
        string prefix = Path.GetExtension(path) is ".json" or ".png" ? path[..^Path.GetExtension(path).Length] : path;
        string folder = Path.GetDirectoryName(Path.GetFullPath(prefix))!;
        if (!Directory.Exists(folder))
            throw new InputException($"--out {path}: there is no folder {folder}. Make it first, or write elsewhere.");
        if (Directory.Exists(path))
            throw new InputException(
                $"--out {path} is a folder. Give what the two files are called without .json and .png, such as {Path.Combine(path, "audit")}.");
        return prefix;
    }

    private sealed record AuditCall(AuditSettings Settings, TrainingArguments Arguments, string[] Given, ParseResult Call, string[]? Names, int? Threads);
}
