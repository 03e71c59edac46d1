using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Bench;

/// <summary>
/// Whole training steps: time, the kernels' part and the host's, launches, memory. On CUDA as a graph (provider <c>ilgpu-vae</c>), as a replay of single
/// launches, and as a graph with TF32 products.
/// </summary>
internal sealed class StepProfile(ComputeDevice device, bool quick, string? only)
{
    private readonly Timing timing = new(device, quick);

    internal (Peaks Peaks, IReadOnlyList<BenchRow> Rows) Run(Progress progress, Action<Peaks, IReadOnlyList<BenchRow>> keep)
    {
        Peaks peaks = Peaks.Measure(device, timing);
        progress.Say(peaks);
        StepWork[] works = [.. StepWorks.All(device).Where(work => only is null || $"{work.Work} {work.Shape}".Contains(only, StringComparison.Ordinal))];
        progress.Start(works.Length);
        List<BenchRow> rows = [];
        foreach (StepWork work in works)
        {
            progress.Next($"{work.Work} {work.Shape}");
            foreach (BenchRow row in Variants(work, peaks))
            {
                rows.Add(row);
                progress.Show(Shared(row));
                progress.Show(row.Kernels!);
            }

            peaks = peaks.Better(Peaks.Measure(device, timing));
            keep(peaks, [.. rows.Select(Shared)]);
        }

        progress.Say(peaks);
        progress.End();
        return (peaks, [.. rows.Select(Shared)]);

        BenchRow Shared(BenchRow row) =>
            peaks.Share(row, fitsCache: row.PeakBytes < Machine.CacheBytesOf(device), plain: !row.Provider.EndsWith("tf32", StringComparison.Ordinal));
    }

    /// <summary>A step of <paramref name="work"/>, measured; with its kernels where <paramref name="withKernels"/>.</summary>
    internal static BenchRow Measure(ComputeDevice device, Timing timing, StepWork work, bool asGraph, bool withKernels, Peaks peaks, bool tf32 = false)
    {
        (DiscreteVae vae, TrainingStep step) = work.Open(device, asGraph, tf32);
        using DiscreteVae model = vae;
        using TrainingStep run = step;
        Percentiles ms = timing.Measure(step.Run);
        double host = timing.HostMs(step.Run);
        KernelShare[]? kernels = withKernels ? [.. Kernels(timing, step.Launches)] : null;
        KernelCost cost = step.Launches.Aggregate(default(KernelCost), (sum, launch) => sum + launch.Cost);
        return BenchRow.Of(work.Work, work.Shape, cost, ms) with
        {
            Launches = step.Launches.Count,
            PeakBytes = vae.Arena.UsedBytes,
            Clock = timing.Clock,
            Mode = step.Mode,
            HostMs = host,
            ExpectedMs = step.Launches.Sum(launch => peaks.LeastMs(launch.Cost)),
            OverheadMs = kernels is null ? null : ms.P50 - kernels.Sum(kernel => kernel.Ms),
            Kernels = kernels,
        };
    }

    private IEnumerable<BenchRow> Variants(StepWork work, Peaks peaks)
    {
        BenchRow row = Measure(device, timing, work, asGraph: true, withKernels: true, peaks);
        yield return row;
        if (row.Mode!.StartsWith("replay", StringComparison.Ordinal))
            yield break;
        yield return Measure(device, timing, work, asGraph: false, withKernels: true, peaks) with { Provider = "ilgpu-vae replay" };
        if (device.CuBlas is not null)
            yield return Measure(device, timing, work, asGraph: true, withKernels: true, peaks, tf32: true) with { Provider = "ilgpu-vae tf32" };
    }

    // Each launch by itself, over and over: its inputs are as warm as its producer leaves them in a step.
    private static IEnumerable<KernelShare> Kernels(Timing timing, IReadOnlyList<Launch> launches) => launches
        .Select(launch => (Launch: launch, Ms: timing.Measure([launch]).P50))
        .GroupBy(each => (each.Launch.Name, each.Launch.Shape))
        .Select(same => new KernelShare(
            same.Key.Name,
            same.Count(),
            same.Sum(each => each.Ms),
            same.Sum(each => each.Launch.Cost.Bytes),
            same.Sum(each => each.Launch.Cost.Flops))
        {
            Held = same.Key.Shape.Length > 0 ? same.Key.Shape : null,
        })
        .OrderByDescending(share => share.Ms);
}
