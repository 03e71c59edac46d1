using System.Text.Json;
using IlgpuVae.Bench;
using TorchSharp;
using static TorchSharp.torch;

namespace IlgpuVae.TorchSharpPeer;

/// <summary>The same works as Bench, done with TorchSharp on the CPU: <c>[--quick] [--only TEXT] [--json FILE]</c>.</summary>
internal static class Program
{
    private const int CopyFloats = 16 << 20;

    // glibc's setting that keeps large arrays from being mapped, and unmapped, one by one.
    private static readonly bool MemoryKept = Environment.GetEnvironmentVariable("MALLOC_MMAP_MAX_") == "0";

    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    private static int Main(string[] arguments)
    {
        bool quick = false;
        string? only = null, json = null;
        for (int i = 0; i < arguments.Length; i++)
        {
            string? value = i + 1 < arguments.Length ? arguments[i + 1] : null;
            switch (arguments[i])
            {
                case "--quick":
                    quick = true;
                    break;
                case "--only" when value is not null:
                    only = arguments[++i];
                    break;
                case "--json" when value is not null:
                    json = arguments[++i];
                    break;
                default:
                    Console.Error.WriteLine($"{arguments[i]} is not known or lacks its value. Use --quick, --only TEXT or --json FILE.");
                    return 2;
            }
        }

        set_num_threads(Environment.ProcessorCount);
        random.manual_seed(1);
        PeerMachine machine = new() { Threads = get_num_threads() };
        Console.WriteLine($"TorchSharp {machine.TorchSharp}, libtorch {machine.Libtorch}, {machine.Threads} threads");
        Run(machine, new Timing(quick), only, json);
        return 0;
    }

    private static void Run(PeerMachine machine, Timing timing, string? only, string? json)
    {
        machine = machine with { CopyGbPerS = MeasureCopy(timing) };
        List<BenchRow> rows = [];
        List<LossRow> losses = [];
        foreach (Work work in Works.All(MemoryKept).Where(each => only is null || each.Name.Contains(only, StringComparison.Ordinal)))
        {
            rows.Add(work.Measure(timing, machine.CopyGbPerS));
            if (work.Losses?.Invoke() is { } loss)
                losses.Add(new LossRow(work.Provider, work.Name, work.Shape, loss.First, loss.Last));
            Console.WriteLine(
                Line(rows[^1])
                    + (
                        work.Losses is null
                            ? string.Empty
                            : $"  loss {losses[^1].First:F4}" + (losses[^1].Last is { } last ? $" then {last:F4}" : string.Empty)));
            if (json is not null)
                File.WriteAllText(json, JsonSerializer.Serialize(new { machine, rows, losses }, Options) + "\n");
        }
    }

    private static string Line(BenchRow row) =>
        $"{row.Provider,-37} {row.Work,-20} {row.Shape,-34} {row.Ms.P50,9:F3} ms [{row.Ms.P20:F3}, {row.Ms.P80:F3}] {row.GflopPerS,7:F1} GFLOP/s"
        + (row.PeakBytes is { } bytes ? $" {bytes / 1048576.0,8:F1} MiB" : string.Empty);

    private static double MeasureCopy(Timing timing)
    {
        using Tensor from = randn(CopyFloats), to = zeros(CopyFloats);
        return 2L * sizeof(float) * CopyFloats / timing.Measure(() => to.copy_(from)).P20 / 1e6;
    }
}
