using System.Diagnostics;
using IlgpuVae.Bench.Works;
using IlgpuVae.Runtime;

namespace IlgpuVae.Bench;

/// <summary>Every kernel on shapes of real training, against the peaks measured in the same run.</summary>
internal sealed class KernelProfile(ComputeDevice device, bool quick, string? only)
{
    // Inputs are taken in turn so that they are read from memory: together this many times the last-level cache, where the shape allows. With half of that some
    // of them may be left when their turn comes again.
    private const long CachesToFill = 4;
    private const int FewestSets = 2, MostSets = 64;

    // Work that is slow for its size gains nothing from many sets.
    private const double SetsMs = 2000;

    // Of the device's memory, and at most: processors share theirs with everything else.
    private const double MemoryShare = 0.25;
    private const long MostProcessorBytes = 2L << 30;

    private readonly Timing timing = new(device, quick);
    private readonly long cacheBytes = Machine.CacheBytesOf(device);

    // Peaks are measured again and again, since what else the machine does comes and goes.
    private const int RowsBetweenPeaks = 25;

    /// <summary>Measures all kernels, and the peaks before, between and after them: the best ones count.</summary>
    internal (Peaks Peaks, IReadOnlyList<BenchRow> Rows) Run(Progress progress, Action<Peaks, IReadOnlyList<BenchRow>> keep)
    {
        Peaks peaks = Peaks.Measure(device, timing);
        progress.Say(peaks);
        KernelWork[] works = [.. KernelWorks.All(device)];
        progress.Start(works.Length);
        List<(BenchRow Row, bool FitsCache, bool Plain)> measured = [];
        HashSet<(string, string, string)> seen = [];
        int measuredAtPeaks = 0;
        foreach (KernelWork work in works)
        {
            progress.Next(work.Shape);
            if (measured.Count >= measuredAtPeaks + RowsBetweenPeaks)
                (peaks, measuredAtPeaks) = (peaks.Better(Peaks.Measure(device, timing)), measured.Count);
            foreach ((BenchRow row, bool fitsCache) in Measure(work, name => !seen.Add((work.Tf32 ? "tf32" : string.Empty, name, work.Shape))))
            {
                measured.Add((row, fitsCache, !work.Tf32));
                progress.Show(peaks.Share(row, fitsCache, !work.Tf32));
            }

            keep(peaks, Shared());
        }

        peaks = peaks.Better(Peaks.Measure(device, timing));
        progress.Say(peaks);
        progress.End();
        return (peaks, Shared());

        BenchRow[] Shared() => [.. measured.Select(each => peaks.Share(each.Row, each.FitsCache, each.Plain))];
    }

    private IEnumerable<(BenchRow Row, bool FitsCache)> Measure(KernelWork work, Func<string, bool> isSeen)
    {
        using Arena arena = new(device);
        List<WorkInputs> sets = [Recorded(work, arena)];
        string Name(int launch) => work.Name ?? sets[0].List.Launches[launch].Name;
        int[] wanted =
        [
            .. Enumerable.Range(0, sets[0].List.Launches.Count)
            .Where(launch => (only is null || Name(launch).Contains(only, StringComparison.Ordinal)) && !isSeen(Name(launch))),
        ];
        if (wanted.Length == 0)
            yield break;
        long setBytes = arena.UsedBytes;
        long room = (long)(MemoryShare * device.MemoryBytes);
        if (device.Kind() == DeviceKind.Processor)
            room = Math.Min(room, MostProcessorBytes);
        // What is updated in place is moved twice and lies in memory once.
        long launchBytes = Math.Max(1, wanted.Select(launch => sets[0].List.Launches[launch].Cost.Bytes).Order().ElementAt(wanted.Length / 2) / 2);
        long sought = Math.Min((CachesToFill * cacheBytes / launchBytes) + 1, room / setBytes);
        sets[0].List.Replay();
        device.Wait();
        Stopwatch watch = Stopwatch.StartNew();
        sets[0].List.Replay();
        device.Wait();
        sought = Math.Min(sought, (long)(SetsMs / watch.Elapsed.TotalMilliseconds));
        while (sets.Count < Math.Clamp(sought, FewestSets, MostSets))
        {
            // A kernel may read what one before it wrote.
            sets.Add(Recorded(work, arena));
            sets[^1].List.Replay();
        }

        device.Wait();
        foreach (int launch in wanted)
        {
            Launch recorded = sets[0].List.Launches[launch];
            KernelCost cost = recorded.Cost;
            Percentiles ms = timing.Measure([.. sets.Select(set => set.List.Launches[launch])]);
            BenchRow row = BenchRow.Of(Name(launch), work.Shape, cost, ms) with
            {
                Launches = 1,
                Clock = timing.Clock,
                Held = recorded.Shape.Length > 0 ? recorded.Shape : null,
            };
            yield return (work.Tf32 ? row with { Provider = "ilgpu-vae tf32" } : row, cost.Bytes / 2 * sets.Count < CachesToFill / 2 * cacheBytes);
        }
    }

    private WorkInputs Recorded(KernelWork work, Arena arena)
    {
        WorkInputs inputs = new(device, arena, work.Tf32);
        work.Record(inputs);
        return inputs;
    }
}
