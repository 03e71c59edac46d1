using System.CommandLine;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Evaluation;
using IlgpuVae.Training.Runs;
using Spectre.Console;

namespace IlgpuVae.Training.CommandLine;

/// <summary>The commands that look at a trained run on examples: <c>eval</c>, <c>reconstruct</c>.</summary>
internal static class UseCommands
{
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

    internal static Command Reconstruct()
    {
        UseOptions use = new("a file that the run has not seen; the run's own data when left out");
        Option<string> split = new("--split") { Description = "train, valid or test, of the run's own data" };
        Option<int> count = new("--count") { Description = "examples", DefaultValueFactory = _ => 40 };
        use.Out.Description = $"the PNG to write; {PicturePath.InRun("reconstructions-<split>.png")}";
        Command command = use.Make("reconstruct", "Write examples beside what their most probable codes decode to.", split, count, use.Out);
        command.SetAction(call =>
        {
            int n = PicturePath.Count(call.GetValue(count));
            PicturePath.Check(call.GetValue(use.Out), use.Force(call));
            using UsedRun run = use.Open(call);
            (string name, DataSet examples) = run.Examples(call.GetValue(split));
            string path = call.GetValue(use.Out) ?? run.Model.Folder.Picture($"reconstructions-{(run.HasNewData ? "data" : name)}");
            new RunPictures(run.Model.Vae, examples, run.Model.Data).Reconstructions(path, n);
            call.InvocationConfiguration.Output.WriteLine(path);
            return ExitCode.Success;
        });
        return command;
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
