using System.CommandLine;
using IlgpuVae.Runtime;
using IlgpuVae.Training;

namespace IlgpuVae.Bench;

/// <summary>The bench: profiles of kernels and training steps, and comparisons of recorded results.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        Option<string> device = new("--device") { Description = "auto, cuda[:i], opencl[:i] or cpu", DefaultValueFactory = _ => "auto" };
        Option<bool> quick = new("--quick") { Description = "smaller shapes and fewer samples" };
        Option<string> json = new("--json") { Description = "write the measurements to this file" };
        Option<string> only = new("--only") { Description = "only what has this in its name" };
        Command profile = new("profile", "Measure every kernel against the copy bandwidth.") { device, quick, json, only };
        profile.SetAction(call => Measure(call.GetValue(device)!, call.GetValue(json), opened => new KernelProfile(opened, call.GetValue(quick), call.GetValue(only)).Run(Show)));
        Command steps = new("steps", "Measure whole training steps.") { device, quick, json };
        steps.SetAction(call => Measure(call.GetValue(device)!, call.GetValue(json), opened => (null, new StepProfile(opened, call.GetValue(quick)).Run(Show))));
        Command streaming = new("streaming", "Measure training steps on data streamed from the host beside resident ones.") { device, quick, json };
        streaming.SetAction(call => Measure(call.GetValue(device)!, call.GetValue(json), opened => (null, new StreamingProfile(opened, call.GetValue(quick)).Run(Show))));
        Argument<string> before = new("before"), after = new("after");
        Command compare = new("compare", "Put two files of measurements side by side; exit code 1 on a regression.") { before, after };
        compare.SetAction(call => Comparison.Show(BenchFile.Read(call.GetValue(before)!), BenchFile.Read(call.GetValue(after)!)));
        Option<string> data = new("--data") { Description = "MNIST's folder", Required = true };
        Option<string> task = new("--task") { Description = "reinmax (4 x 8, unconditional) or structured (lower half from upper half, 20 x 10)", DefaultValueFactory = _ => "reinmax" };
        Option<int> count = new("--steps") { Description = "training steps of each estimator", DefaultValueFactory = _ => 3000 };
        Command learning = new("learning", "Train every estimator on the same task and compare what they reach.") { device, data, task, count, only, json };
        learning.SetAction(call => Learn(call.GetValue(device)!, call.GetValue(data)!, call.GetValue(task)!, call.GetValue(count), call.GetValue(only), call.GetValue(json)));
        RootCommand root = new("Profiles of IlgpuVae's kernels, training steps and estimators.") { profile, steps, streaming, learning, compare };
        ParseResult parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            Console.Error.WriteLine(parsed.Errors[0].Message);
            return 2;
        }

        try
        {
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (InputException error)
        {
            Console.Error.WriteLine(error.Message);
            return 2;
        }
    }

    private static int Measure(string name, string? json, Func<ComputeDevice, (double? CopyGbPerS, IReadOnlyList<BenchRow> Rows)> run)
    {
        using ComputeDevice device = ComputeDevice.Open(name);
        Console.WriteLine($"{device.Name}: {device.Description}");
        (double? copy, IReadOnlyList<BenchRow> rows) = run(device);
        BenchFile file = new(Machine.Of(device, copy), rows);
        if (json is not null)
            file.Write(json);
        BenchRow[] impossible = [.. rows.Where(row => row.PercentOfCopy > 110 && row.Bytes > 64 << 20)];
        foreach (BenchRow row in impossible)
            Console.Error.WriteLine($"{row.Work} {row.Shape} reads {row.PercentOfCopy:F0} % of the copy bandwidth: that is a fault of the bench.");
        return impossible.Length == 0 ? 0 : 1;
    }

    private static int Learn(string name, string folder, string task, int steps, string? only, string? json)
    {
        if (steps < 4)
            throw new InputException($"--steps is {steps}, and has to be at least 4.");
        TrainingOptions basis = task switch
        {
            "reinmax" => Learning.ReinMaxSetting(folder),
            "structured" => Learning.StructuredPrediction(folder),
            _ => throw new InputException($"--task {task} is not known. Use reinmax or structured."),
        };
        using ComputeDevice device = ComputeDevice.Open(name);
        Console.WriteLine($"{device.Name}: {device.Description}");
        Learning learning = new(device, basis, steps);
        List<LearningRow> rows = [];
        foreach ((string label, TrainingOptions options) in Learning.Estimators(basis).Where(each => only is null || each.Label.Contains(only, StringComparison.Ordinal)))
        {
            try
            {
                rows.Add(learning.Run(label, options));
                Console.WriteLine(Learning.Line(rows[^1]));
            }
            catch (InputException notForThisModel)
            {
                Console.WriteLine($"{label,-34} left out: {notForThisModel.Message}");
            }

            // After each, so that an interruption loses nothing.
            if (json is not null)
                new LearningFile(Machine.Of(device, null), task, rows).Write(json);
        }

        return 0;
    }

    private static void Show(BenchRow row) => Console.WriteLine(
        $"{row.Work,-26} {row.Shape,-34} {row.Ms.P50,9:F4} ms [{row.Ms.P20:F4}, {row.Ms.P80:F4}] {row.GbPerS,8:F2} GB/s {row.GflopPerS,8:F1} GFLOP/s"
        + (row.PercentOfCopy is { } share ? $" {share,6:F1} % of copy" : string.Empty)
        + (row.PeakBytes is { } bytes ? $" {row.Launches} launches, {bytes / 1048576.0:F1} MiB" : string.Empty));
}
