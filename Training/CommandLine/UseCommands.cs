using System.CommandLine;
using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Evaluation;
using IlgpuVae.Training.Runs;
using Spectre.Console;

namespace IlgpuVae.Training.CommandLine;

/// <summary>The commands that use a trained run: <c>eval</c>, <c>sample</c>, <c>reconstruct</c>.</summary>
internal static class UseCommands
{
    internal static Command Evaluate(Option<bool> json)
    {
        (Option<string> run, Option<string> data, Option<string> device) = Common();
        Option<string> split = new("--split") { Description = "train, valid or test" };
        Option<int> samples = new("--samples") { Description = "importance samples where the log-likelihood is not exact", DefaultValueFactory = _ => 1000 };
        Command command = new("eval", "Measure a trained model on a split.") { run, data, device, split, samples, json };
        command.SetAction(call =>
        {
            int importanceSamples = call.GetValue(samples);
            if (importanceSamples is < 0 or > 1_000_000)
                throw new InputException($"--samples {importanceSamples} is out of range. Use 0 to 1,000,000; 0 leaves the bound out.");
            using SavedModel model = new(call.GetValue(run)!, call.GetValue(data), call.GetValue(device));
            (string name, DataSet examples) = model.Split(call.GetValue(split));
            Evaluator evaluator = new(model.Vae, examples, model.Plan.Settings.Seed, importanceSamples);
            EvaluationReport report = Measure(evaluator, model.Plan.Splits.Truth);
            if (call.GetValue(json))
                Console.Out.WriteLine(JsonText.Of(report));
            else
                EvaluationText.Write(AnsiConsole.Console, report, name);
            return ExitCode.Success;
        });
        return command;
    }

    internal static Command Sample()
    {
        (Option<string> run, Option<string> data, Option<string> device) = Common();
        Option<int> count = new("--count") { Description = "samples", DefaultValueFactory = _ => 64 };
        Option<ulong> seed = new("--seed") { Description = "key of the samples", DefaultValueFactory = _ => 1 };
        Option<string> output = new("--out") { Description = "the PNG to write; samples.png in the run folder when left out" };
        Command command = new("sample", "Draw codes from the prior and write what they decode to.") { run, data, device, count, seed, output };
        command.SetAction(call =>
        {
            int n = Positive("--count", call.GetValue(count));
            using SavedModel model = new(call.GetValue(run)!, call.GetValue(data), call.GetValue(device));
            string path = call.GetValue(output) ?? model.Folder.Picture("samples");
            new RunPictures(model.Vae, model.Plan.Held).Samples(path, PriorCodes(model.Vae, n, call.GetValue(seed)), $"{n} samples from the prior");
            Console.Out.WriteLine(path);
            return ExitCode.Success;
        });
        return command;
    }

    internal static Command Reconstruct()
    {
        (Option<string> run, Option<string> data, Option<string> device) = Common();
        Option<string> split = new("--split") { Description = "train, valid or test" };
        Option<int> count = new("--count") { Description = "examples", DefaultValueFactory = _ => 40 };
        Option<string> output = new("--out") { Description = "the PNG to write; reconstructions-<split>.png in the run folder when left out" };
        Command command = new("reconstruct", "Write examples beside what their most probable codes decode to.") { run, data, device, split, count, output };
        command.SetAction(call =>
        {
            int n = Positive("--count", call.GetValue(count));
            using SavedModel model = new(call.GetValue(run)!, call.GetValue(data), call.GetValue(device));
            (string name, DataSet examples) = model.Split(call.GetValue(split));
            string path = call.GetValue(output) ?? model.Folder.Picture($"reconstructions-{name}");
            new RunPictures(model.Vae, examples).Reconstructions(path, n);
            Console.Out.WriteLine(path);
            return ExitCode.Success;
        });
        return command;
    }

    private static (Option<string> Run, Option<string> Data, Option<string> Device) Common() =>
    (
        new Option<string>("--run") { Description = "the run folder", Required = true },
        new Option<string>("--data") { Description = "other data of the same width; the run's own when left out" },
        new Option<string>("--device") { Description = "auto, cuda[:i], opencl[:i] or cpu" });

    private static int Positive(string option, int value) => value >= 1 ? value : throw new InputException($"{option} is {value}, and has to be at least 1.");

    private static EvaluationReport Measure(Evaluator evaluator, GlyphsTruth? truth)
    {
        if (Console.IsErrorRedirected)
            return evaluator.Run(truth);
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Progress().AutoClear(true).Start(context =>
        {
            ProgressTask task = context.AddTask("evaluating", maxValue: 1);
            return evaluator.Run(truth, done => task.Value = done);
        });
    }

    private static float[] PriorCodes(DiscreteVae vae, int count, ulong seed)
    {
        (int n, int k) = (vae.Design.Latents, vae.Design.Categories);
        Matrix logPrior = vae.Arena.Matrix(n, k, MemoryUse.Codes);
        Matrix codes = vae.Arena.Matrix(count, vae.CodeWidth, MemoryUse.Codes);
        LaunchList list = new(vae.Device);
        vae.RecordLogPrior(list, logPrior);
        CategoricalSample.Record(list, vae.Arena.Allocate<StepState>(1, MemoryUse.Codes), logPrior, codes.Reshape(count * n, k), seed, Randomness.Prior, count, n);
        list.Replay();
        return vae.Device.Download(codes.View);
    }
}
