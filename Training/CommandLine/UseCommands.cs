using System.CommandLine;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Evaluation;
using IlgpuVae.Training.Runs;
using Spectre.Console;

namespace IlgpuVae.Training.CommandLine;

/// <summary>The commands that use a trained run: <c>eval</c>, <c>sample</c>, <c>reconstruct</c>.</summary>
internal static class UseCommands
{
    private const int MostTiles = 2500;
    private const int DefaultSamples = 64;
    private const int MostContexts = 100;

    internal static Command Evaluate(Option<bool> json)
    {
        (Option<string> run, Option<string> data, Option<string> device, Option<int?> threads) = Common();
        Option<string> split = new("--split") { Description = "train, valid or test" };
        Option<int> samples = new("--samples") { Description = "importance samples where the log-likelihood is not exact", DefaultValueFactory = _ => 1000 };
        Command command = new("eval", "Measure a trained model on a split.") { run, data, device, threads, split, samples, json };
        command.SetAction(call =>
        {
            int importanceSamples = call.GetValue(samples);
            if (importanceSamples is < 0 or > 1_000_000)
                throw new InputException($"--samples {importanceSamples} is out of range. Use 0 to 1,000,000; 0 leaves the bound out.");
            using SavedModel model = new(call.GetValue(run)!, call.GetValue(data), call.GetValue(device), call, ThreadsOption.Of(call, threads));
            (string name, DataSet examples) = model.Split(call.GetValue(split));
            Evaluator evaluator = new(model.Vae, examples, model.Plan.Settings.Seed, importanceSamples, model.Plan.Options.Stream);
            EvaluationReport report = Measure(evaluator, model.Plan.Truth, Screen.On(call.InvocationConfiguration.Error));
            if (call.GetValue(json))
                call.InvocationConfiguration.Output.WriteLine(JsonText.Of(report));
            else
                EvaluationText.Write(Screen.On(call.InvocationConfiguration.Output), report, name);
            return ExitCode.Success;
        });
        return command;
    }

    internal static Command Sample()
    {
        (Option<string> run, Option<string> data, Option<string> device, Option<int?> threads) = Common();
        Option<int?> count = new("--count")
        {
            Description = $"samples, {DefaultSamples} when left out; for a conditional run contexts, {ConditionalSamples.DefaultContexts} when left out",
        };
        Option<ulong> seed = new("--seed") { Description = "key of the samples", DefaultValueFactory = _ => 1 };
        Option<string> condition = new("--condition")
        {
            Description = "for a conditional run: which held-out examples give the contexts, those of one class by its name or number; without a value "
                + "those of all",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<string> output = new("--out") { Description = "the PNG to write; samples.png in the run folder when left out" };
        Command command = new(
            "sample", "Draw codes from the prior and write what they decode to; for a conditional run, a row of predictions for each of some contexts.")
        {
            run, data, device, threads, count, seed, condition, output,
        };
        command.SetAction(call =>
        {
            if (call.GetValue(count) is { } asked)
                _ = Count(asked);
            CheckPicture(call.GetValue(output));
            using SavedModel model = new(call.GetValue(run)!, call.GetValue(data), call.GetValue(device), call, ThreadsOption.Of(call, threads));
            string path = call.GetValue(output) ?? model.Folder.Picture("samples");
            DataSet held = model.Plan.Held;
            if (held.Context is not null)
                new ConditionalSamples(model.Vae, held)
                    .Write(path, ConditionalSamples.Choose(held, call.GetValue(condition), Contexts(call.GetValue(count))), call.GetValue(seed));
            else if (call.GetResult(condition) is not null)
                throw new InputException(
                    $"--condition chooses what a conditional model is told, and the model of {call.GetValue(run)} is told nothing. Drop it.");
            else
                new RunPictures(model.Vae, held).Samples(path, call.GetValue(count) ?? DefaultSamples, call.GetValue(seed));
            call.InvocationConfiguration.Output.WriteLine(path);
            return ExitCode.Success;
        });
        return command;
    }

    internal static Command Reconstruct()
    {
        (Option<string> run, Option<string> data, Option<string> device, Option<int?> threads) = Common();
        Option<string> split = new("--split") { Description = "train, valid or test" };
        Option<int> count = new("--count") { Description = "examples", DefaultValueFactory = _ => 40 };
        Option<string> output = new("--out") { Description = "the PNG to write; reconstructions-<split>.png in the run folder when left out" };
        Command command = new("reconstruct", "Write examples beside what their most probable codes decode to.")
        {
            run, data, device, threads, split, count, output,
        };
        command.SetAction(call =>
        {
            int n = Count(call.GetValue(count));
            CheckPicture(call.GetValue(output));
            using SavedModel model = new(call.GetValue(run)!, call.GetValue(data), call.GetValue(device), call, ThreadsOption.Of(call, threads));
            (string name, DataSet examples) = model.Split(call.GetValue(split));
            string path = call.GetValue(output) ?? model.Folder.Picture($"reconstructions-{name}");
            new RunPictures(model.Vae, examples).Reconstructions(path, n);
            call.InvocationConfiguration.Output.WriteLine(path);
            return ExitCode.Success;
        });
        return command;
    }

    private static (Option<string> Run, Option<string> Data, Option<string> Device, Option<int?> Threads) Common() =>
    (
        new Option<string>("--run") { Description = "the run folder", Required = true },
        new Option<string>("--data") { Description = "other data of the same width; the run's own when left out" },
        new Option<string>("--device") { Description = "auto, cuda[:i], opencl[:i] or cpu" },
        ThreadsOption.Create());

    private static int Count(int value) => value is >= 1 and <= MostTiles
        ? value
        : throw new InputException($"--count is {value}, and has to be from 1 to {MostTiles}: it is the number of tiles in one picture.");

    private static int Contexts(int? count) => (count ?? ConditionalSamples.DefaultContexts) is var contexts && contexts <= MostContexts
        ? contexts
        : throw new InputException($"--count is {contexts}, and a conditional run shows at most {MostContexts} contexts in one picture, a row each.");

    // A name that ends otherwise is a slip, and might be that of a checkpoint or of data.
    private static void CheckPicture(string? path)
    {
        if (path is null)
            return;
        if (!path.EndsWith(".png", StringComparison.OrdinalIgnoreCase))
            throw new InputException($"--out {path} is no name of a PNG, which is what is written. Let it end in .png.");
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(folder))
            throw new InputException($"--out {path}: there is no folder {folder}. Make it first, or write elsewhere.");
        if (Directory.Exists(path))
            throw new InputException($"--out {path} is a folder. Give the name of a file.");
    }

    private static EvaluationReport Measure(Evaluator evaluator, GlyphsTruth? truth, IAnsiConsole console)
    {
        if (!console.Profile.Out.IsTerminal)
            return evaluator.Run(truth);
        return console.Progress().AutoClear(true).Start(context =>
        {
            ProgressTask task = context.AddTask("evaluating", maxValue: 1);
            return evaluator.Run(truth, done => task.Value = done);
        });
    }
}
