using System.Diagnostics;
using System.Globalization;

namespace IlgpuVae.Bench;

/// <summary>Shows each measurement as it is made, and how far the whole is.</summary>
internal sealed class Progress(TextWriter output)
{
    private readonly Stopwatch watch = Stopwatch.StartNew();
    private int done, all;
    private string at = string.Empty;

    internal void Start(int count) => (done, all) = (0, count);

    /// <summary>Begins the next part.</summary>
    internal void Next(string what)
    {
        at = string.Create(CultureInfo.InvariantCulture, $"[{++done}/{all}] {watch.Elapsed.TotalSeconds:F0} s");
        output.Write($"{at} {what} ...\r");
    }

    /// <summary>Ends with how long it took.</summary>
    internal void End() => output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{watch.Elapsed.TotalSeconds:F0} s in all"));

    internal void Say(string line) => output.WriteLine(line);

    internal void Say(Peaks peaks) => output.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"copy {peaks.CopyGbPerS:F1} GB/s, best stream {peaks.StreamGbPerS:F1} GB/s, multiply-adds {peaks.GflopPerS:F0} GFLOP/s, launch "
            + $"{1000 * peaks.LaunchMs:F1} us"));

    internal void Show(BenchRow row) => output.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{at,-15}{row.Work,-28} {row.Shape,-34} {row.Ms.P50,10:F4} ms [{row.Ms.P20:F4}, {row.Ms.P80:F4}] {row.GbPerS,8:F2} GB/s {row.GflopPerS,8:F1} GFLOP/s")
        + (row.Held is { } held ? $" {held}" : string.Empty)
        + (
            row.PercentOfRoof is { } share
                ? string.Create(CultureInfo.InvariantCulture, $" {share,6:F1} % of {row.Roof}{(row.FitsCache == true ? ", in cache" : string.Empty)}")
                : string.Empty)
        + (row.PeakBytes is { } bytes ? string.Create(CultureInfo.InvariantCulture, $" {row.Launches} launches, {bytes / 1048576.0:F1} MiB") : string.Empty)
        + (
            row.HostMs is { } host
                ? string.Create(CultureInfo.InvariantCulture, $", host {host:F3} ms, roofline {row.ExpectedMs:F3} ms, {row.Mode}")
                : string.Empty));

    /// <summary>A step's kernels, below its row.</summary>
    internal void Show(IEnumerable<KernelShare> kernels)
    {
        foreach (KernelShare kernel in kernels)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"           {kernel.Work,-28} {kernel.Launches,3} launches {kernel.Ms,10:F4} ms {kernel.Bytes / kernel.Ms / 1e6,8:F2} GB/s "
                    + $"{kernel.Flops / kernel.Ms / 1e6,8:F1} GFLOP/s {kernel.Held}"));
        }
    }
}
