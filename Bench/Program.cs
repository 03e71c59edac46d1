using System.CommandLine;
using IlgpuVae.Bench.Counting;
using IlgpuVae.Runtime;
using IlgpuVae.Training;

namespace IlgpuVae.Bench;

/// <summary>The bench: profiles of kernels and training steps, and comparisons of recorded results.</summary>
internal static class Program
{
    /// <summary>Runs a call and returns its exit code: 0, 1 for a regression or a fault of the bench, 2 for a wrong call or unreadable input.</summary>
    internal static int Run(string[] arguments, TextWriter output, TextWriter errors)
    {
        ParseResult parsed = Commands(output, errors).Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            errors.WriteLine(parsed.Errors[0].Message);
            return 2;
        }

        try
        {
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = output, Error = errors });
        }
        catch (InputException error)
        {
            errors.WriteLine(error.Message);
            return 2;
        }
    }

    private static int Main(string[] arguments) => Run(arguments, Console.Out, Console.Error);

    private static RootCommand Commands(TextWriter output, TextWriter errors)
    {
        Option<string> device = new("--device") { Description = "auto, cuda[:i], opencl[:i] or cpu", DefaultValueFactory = _ => "auto" };
        Option<bool> quick = new("--quick") { Description = "fewer samples: less than two minutes on two cores" };
        Option<string> json = new("--json") { Description = "write the measurements to this file" };
        Option<string> only = new("--only") { Description = "only what has this in its name" };

        Command profile = new("profile", "Measure every kernel against the copy bandwidth and the multiply-add peak.") { device, quick, json, only };
        profile.SetAction(
            call =>
                Measure(
                    call.GetValue(device)!,
                    call.GetValue(json),
                    output,
                    errors,
                    opened => new KernelProfile(opened, call.GetValue(quick), call.GetValue(only)).Run));

        Command steps = new("steps", "Measure whole training steps and the kernels in them.") { device, quick, json, only };
        steps.SetAction(
            call =>
                Measure(
                    call.GetValue(device)!,
                    call.GetValue(json),
                    output,
                    errors,
                    opened => new StepProfile(opened, call.GetValue(quick), call.GetValue(only)).Run));

        Option<string> folder = new("--out") { Description = "write the measurements and a plot of each to this folder", Required = true };
        Command scale = new("scale", "Measure how a step's cost grows with B, K, N and D, beside what the roofline predicts.") { device, quick, folder };
        scale.SetAction(
            call =>
                Measure(
                    call.GetValue(device)!,
                    Path.Combine(call.GetValue(folder)!, "scale.json"),
                    output,
                    errors,
                    opened => (progress, _) => new ScaleProfile(opened, call.GetValue(quick)).Run(call.GetValue(folder)!, progress)));

        Command streaming = new("streaming", "Measure training steps on data streamed from the host beside resident ones.") { device, quick, json };
        streaming.SetAction(
            call =>
                Measure(
                    call.GetValue(device)!,
                    call.GetValue(json),
                    output,
                    errors,
                    opened => (progress, _) => new StreamingProfile(opened, call.GetValue(quick)).Run(progress)));

        Command encode = new("encode", "Measure the command encode, from memory to CSV, beside a bare forward pass of its encoder.") { device, quick, json };
        encode.SetAction(
            call =>
                Measure(
                    call.GetValue(device)!,
                    call.GetValue(json),
                    output,
                    errors,
                    opened => (progress, _) => new EncodeProfile(opened, call.GetValue(quick)).Run(progress)));

        Command counted = new("count", "Count the work of every kernel and training step on the emulated CUDA device: a bound, no measurement.")
        {
            device, only, json,
        };
        counted.SetAction(call => Count(call.GetValue(device)!, call.GetValue(json), call.GetValue(only), output));

        Argument<string> before = new("before"), after = new("after");
        Command compare = new("compare", "Put two files of measurements side by side; exit code 1 on a regression.") { before, after };
        compare.SetAction(call => new Comparison(BenchFile.Read(call.GetValue(before)!), BenchFile.Read(call.GetValue(after)!)).Show(output, errors));

        Argument<string> merged = new("merged");
        Argument<string[]> parts = new("parts") { Arity = ArgumentArity.OneOrMore };
        Command merge = new("merge", "Write the rows of several files, ours and peers', as one file.") { merged, parts };
        merge.SetAction(call => BenchFile.Merge([.. call.GetValue(parts)!.Select(BenchFile.Read)]).Write(call.GetValue(merged)!));

        Option<string> data = new("--data") { Description = "MNIST's folder; the task glyphs needs none" };
        Option<string> task = new("--task")
        {
            Description = "reinmax (4 x 8, unconditional), structured (lower half from upper half, 20 x 10), or with nothing but defaults: glyphs (3 x 4), "
                + "large (20 x 10)",
            DefaultValueFactory = _ => "reinmax",
        };
        Option<int> count = new("--steps") { Description = "training steps of each estimator", DefaultValueFactory = _ => 3000 };
        Option<int> seeds = new("--seeds") { Description = "trainings of each estimator, with seeds from 1 on", DefaultValueFactory = _ => 1 };
        Command learning = new("learning", "Train every estimator on the same task and compare what they reach.")
        {
            device, data, task, count, seeds, only, json,
        };
        learning.SetAction(
            call =>
                Learn(
                    call.GetValue(device)!,
                    call.GetValue(data),
                    call.GetValue(task)!,
                    call.GetValue(count),
                    call.GetValue(seeds),
                    call.GetValue(only),
                    call.GetValue(json),
                    output));

        RootCommand root = new("Profiles of IlgpuVae's kernels, training steps and estimators.")
        {
            profile, steps, scale, streaming, encode, counted, compare, merge, learning,
        };
        foreach (Command command in PeerCommands.All(device, json, output))
            root.Subcommands.Add(command);
        return root;
    }

    private static int Measure(string name, string? json, TextWriter output, TextWriter errors, Func<ComputeDevice, Measurement> on)
    {
        using ComputeDevice device = ComputeDevice.Open(name, style: null, profiling: true);
        output.WriteLine($"{device.Name}: {device.Description}");
        Machine machine = Machine.Of(device);

        // Also along the way, so that an interruption loses nothing.
        void Keep(Peaks peaks, IReadOnlyList<BenchRow> rows)
        {
            if (json is not null)
                new BenchFile(machine.With(peaks), rows).Write(json);
        }

        (Peaks peaks, IReadOnlyList<BenchRow> rows) = on(device)(new Progress(output), Keep);
        Keep(peaks, rows);
        string[] faults = [.. rows.Select(peaks.Fault).OfType<string>()];
        foreach (string fault in faults)
            errors.WriteLine(fault);
        return faults.Length == 0 ? 0 : 1;
    }

    private static int Count(string name, string? json, string? only, TextWriter output)
    {
        using ComputeDevice device = ComputeDevice.Open(name, style: null, profiling: true);
        Machine machine = Machine.Of(device);
        IReadOnlyList<BenchRow> rows = new CountProfile(device, only, output).Run(sofar =>
        {
            if (json is not null)
                new BenchFile(machine, sofar).Write(json);
        });
        return rows.Count > 0 ? 0 : throw new InputException($"nothing that is counted has {only} in its name.");
    }

    private static int Learn(string name, string? data, string task, int steps, int seeds, string? only, string? json, TextWriter output)
    {
        if (steps < 4)
            throw new InputException($"--steps is {steps}, and has to be at least 4.");
        if (seeds < 1)
            throw new InputException($"--seeds is {seeds}, and has to be at least 1.");
        string Folder() => data ?? throw new InputException($"--task {task} needs MNIST's folder, --data FOLDER.");
        TrainingOptions basis = task switch
        {
            "reinmax" => Learning.ReinMaxSetting(Folder()),
            "structured" => Learning.StructuredPrediction(Folder()),
            "glyphs" => Learning.BuiltIn,
            "large" => Learning.Large(Folder()),
            _ => throw new InputException($"--task {task} is not known. Use reinmax, structured, glyphs or large."),
        };
        using ComputeDevice device = ComputeDevice.Open(name);
        output.WriteLine($"{device.Name}: {device.Description}");
        Learning learning = new(device, basis, steps);
        List<LearningRow> rows = [];
        foreach (
            (string label, TrainingOptions options) in (task is "glyphs" or "large" ? Learning.Defaults(basis) : Learning.Estimators(basis))
                .Where(each => only is null || each.Label.Contains(only, StringComparison.Ordinal)))
        {
            try
            {
                for (int seed = 1; seed <= seeds; seed++)
                {
                    rows.Add(learning.Run(label, options with { Seed = (ulong)seed }));
                    output.WriteLine(Learning.Line(rows[^1]));
                }

                if (seeds > 1)
                    output.WriteLine(Learning.Line(label, rows[^seeds..]));
            }
            catch (InputException notForThisModel)
            {
                output.WriteLine($"{label,-34} left out: {notForThisModel.Message}");
            }

            // After each, so that an interruption loses nothing.
            if (json is not null)
                new LearningFile(Machine.Of(device), task, rows).Write(json);
        }

        return 0;
    }

    /// <summary>Measures rows, shows them, and hands out those there are after each part.</summary>
    private delegate (Peaks Peaks, IReadOnlyList<BenchRow> Rows) Measurement(Progress progress, Action<Peaks, IReadOnlyList<BenchRow>> keep);
}
