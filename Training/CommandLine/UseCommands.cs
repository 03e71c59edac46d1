using System.CommandLine;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Evaluation;
using IlgpuVae.Training.Output;
using IlgpuVae.Training.Runs;
using Spectre.Console;

namespace IlgpuVae.Training.CommandLine;

/// <summary>The commands that use a trained run: <c>eval</c>, <c>sample</c>, <c>reconstruct</c>.</summary>
internal static class UseCommands
{
    private const int MostTiles = 2500;
    private const int DefaultSamples = 64;
    private const int MostContexts = 100;
    private const int MostSamples = 100_000_000;
    private const int BatchRows = 4096;

    internal static Command Evaluate(Option<bool> json)
    {
        UseOptions use = new("a file that the run has not seen, used whole; the run's own data when left out");
        Option<string> split = new("--split") { Description = "train, valid or test, of the run's own data" };
        Option<int> samples = new("--samples") { Description = "importance samples where the log-likelihood is not exact", DefaultValueFactory = _ => 1000 };
        Command command = use.Make("eval", "Measure a trained model on a split of its data, or on a file.", split, samples, json);
        command.SetAction(call =>
        {
            int importanceSamples = call.GetValue(samples);
            if (importanceSamples is < 0 or > 1_000_000)
                throw new InputException($"--samples {importanceSamples} is out of range. Use 0 to 1,000,000; 0 leaves the bound out.");
            using UsedRun run = use.Open(call);
            (string name, DataSet examples) = run.Examples(call.GetValue(split));
            TrainingOptions options = run.Model.Config.Options;
            Evaluator evaluator = new(run.Model.Vae, examples, options.Seed, importanceSamples, options.Stream) { LogVolume = run.Model.Data.LogVolume };
            EvaluationReport report = Measure(evaluator, run.HasNewData ? null : run.Own.Truth, Screen.On(call.InvocationConfiguration.Error));
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
        UseOptions use = new("for a conditional run: a file whose rows give the contexts; the run's held-out examples when left out");
        Option<int?> count = new("--count")
        {
            Description = $"samples, {DefaultSamples} when left out; for a conditional run contexts, {ConditionalSamples.DefaultContexts} when left out",
        };
        Option<ulong> seed = new("--seed") { Description = "key of the samples", DefaultValueFactory = _ => 1 };
        Option<string> condition = new("--condition")
        {
            Description = "for a conditional run: which examples give the contexts, those of one class by its name or number; without a value "
                + "those of all",
            Arity = ArgumentArity.ZeroOrOne,
        };
        use.Out.Description = $"the PNG to write, or samples as numbers: {OutputFile.Extensions}, {OutputFile.Standard}; samples.png in the run folder when "
            + $"left out";
        Command command = use.Make(
            "sample", "Draw codes from the prior and write what they decode to; for a conditional run, a row of predictions for each of some contexts.", count,
            seed, condition, use.Out);
        command.SetAction(call =>
        {
            string? output = call.GetValue(use.Out);
            bool asNumbers = output is not null && OutputFile.Is(output);
            if (asNumbers)
                OutputFile.Check(output!, use.Force(call));
            else
                CheckPicture(output);
            if (call.GetValue(count) is { } asked)
                _ = asNumbers ? UseOptions.Within("--count", asked, 1, MostSamples) : Count(asked);
            using UsedRun run = use.Open(call);
            TrainedModel model = run.Model;
            string path = output ?? model.Folder.Picture("samples");
            if (model.Data.ContextWidth > 0 && asNumbers)
                throw new InputException("A conditional run's samples as numbers come from predict --draw, which takes the contexts from a file. Use that.");
            if (model.Data.ContextWidth > 0)
            {
                (_, DataSet held) = run.Examples(null);
                new ConditionalSamples(model.Vae, held)
                    .Write(path, ConditionalSamples.Choose(held, call.GetValue(condition), Contexts(call.GetValue(count))), call.GetValue(seed));
            }
            else if (call.GetResult(condition) is not null)
            {
                throw new InputException($"--condition chooses what a conditional model is told, and the model of {use.Run(call)} is told nothing. Drop it.");
            }
            else if (asNumbers)
            {
                OutputFile.Write(path, call.InvocationConfiguration.Output, Samples(model, call.GetValue(count) ?? DefaultSamples, call.GetValue(seed)));
            }
            else
            {
                new RunPictures(model.Vae, Empty(model.Data)).Samples(path, call.GetValue(count) ?? DefaultSamples, call.GetValue(seed));
            }

            if (path != OutputFile.Standard)
                call.InvocationConfiguration.Output.WriteLine(path);
            return ExitCode.Success;
        });
        return command;
    }

    internal static Command Reconstruct()
    {
        UseOptions use = new("a file that the run has not seen; the run's own data when left out");
        Option<string> split = new("--split") { Description = "train, valid or test, of the run's own data" };
        Option<int> count = new("--count") { Description = "examples", DefaultValueFactory = _ => 40 };
        use.Out.Description = "the PNG to write; reconstructions-<split>.png in the run folder when left out";
        Command command = use.Make("reconstruct", "Write examples beside what their most probable codes decode to.", split, count, use.Out);
        command.SetAction(call =>
        {
            int n = Count(call.GetValue(count));
            CheckPicture(call.GetValue(use.Out));
            using UsedRun run = use.Open(call);
            (string name, DataSet examples) = run.Examples(call.GetValue(split));
            string path = call.GetValue(use.Out) ?? run.Model.Folder.Picture($"reconstructions-{(run.HasNewData ? "data" : name)}");
            new RunPictures(run.Model.Vae, examples).Reconstructions(path, n);
            call.InvocationConfiguration.Output.WriteLine(path);
            return ExitCode.Success;
        });
        return command;
    }

    private static IEnumerable<IReadOnlyList<OutputColumn>> Samples(TrainedModel model, int count, ulong seed)
    {
        for (int start = 0; start < count; start += BatchRows)
        {
            ulong key = TrainedModel.Key(seed, start);
            int[] codes = model.Sample(Math.Min(BatchRows, count - start), key);
            yield return [.. OutputColumn.Of(CodeColumns.Names(model.Latents), codes), .. OutputColumn.Of(model.Columns, model.Draw(codes, key))];
        }
    }

    // What pictures have to know of the data where none are shown.
    private static DataSet Empty(DataContract contract) =>
        new() { Name = contract.Name, Count = 0, Width = contract.Width, Picture = contract.Picture, Values = [] };

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
