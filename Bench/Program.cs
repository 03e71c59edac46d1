using System.CommandLine;
using IlgpuVae.Runtime;

namespace IlgpuVae.Bench;

/// <summary>The bench: profiles of kernels and training steps, and comparisons of recorded results.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        Option<string> device = new("--device") { Description = "auto, cuda[:i], opencl[:i] or cpu", DefaultValueFactory = _ => "auto" };
        Option<bool> quick = new("--quick") { Description = "smaller shapes and fewer samples" };
        Option<string> json = new("--json") { Description = "write the measurements to this file" };
        Option<string> only = new("--only") { Description = "measure only the kernels whose names hold this" };
        Command profile = new("profile", "Measure every kernel against the copy bandwidth.") { device, quick, json, only };
        profile.SetAction(call => Measure(call.GetValue(device)!, call.GetValue(json), opened => new KernelProfile(opened, call.GetValue(quick), call.GetValue(only)).Run(Show)));
        Command steps = new("steps", "Measure whole training steps.") { device, quick, json };
        steps.SetAction(call => Measure(call.GetValue(device)!, call.GetValue(json), opened => (null, new StepProfile(opened, call.GetValue(quick)).Run(Show))));
        Argument<string> before = new("before"), after = new("after");
        Command compare = new("compare", "Put two files of measurements side by side; exit code 1 on a regression.") { before, after };
        compare.SetAction(call => Comparison.Show(BenchFile.Read(call.GetValue(before)!), BenchFile.Read(call.GetValue(after)!)));
        RootCommand root = new("Profiles of IlgpuVae's kernels and training steps.") { profile, steps, compare };
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

    private static void Show(BenchRow row) => Console.WriteLine(
        $"{row.Work,-26} {row.Shape,-34} {row.Ms.P50,9:F4} ms [{row.Ms.P20:F4}, {row.Ms.P80:F4}] {row.GbPerS,8:F2} GB/s {row.GflopPerS,8:F1} GFLOP/s"
        + (row.PercentOfCopy is { } share ? $" {share,6:F1} % of copy" : string.Empty)
        + (row.PeakBytes is { } bytes ? $" {row.Launches} launches, {bytes / 1048576.0:F1} MiB" : string.Empty));
}
