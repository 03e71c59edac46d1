using System.Diagnostics;
using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Bench;

/// <summary>
/// Training steps on data that are on the device and on the same data streamed from the host, by turns in one run. A sample is one chunk's steps, so that each has
/// its share of waiting. Beside them the time in which the host gathers and copies a chunk: streaming costs nothing while a chunk's steps take longer.
/// </summary>
internal sealed class StreamingProfile(ComputeDevice device, bool quick)
{
    private const int Pixels = 784;
    private const int Examples = 200_000;

    // An eighth of the chunks of a run that has the memory: the wait at the beginning of each weighs eight times as much.
    private const long ChunkBytes = DataPlacement.LargestChunk / 8;

    private readonly int samples = quick ? 9 : 25;
    private readonly Timing timing = new(device, quick);
    private readonly DataSet data = Data();

    internal (Peaks Peaks, IReadOnlyList<BenchRow> Rows) Run(Progress progress)
    {
        Peaks peaks = Peaks.Measure(device, timing);
        progress.Say(peaks);
        StepWork[] works = [StepWorks.Exact(128, 64, Pixels, 256, 64), StepWorks.GumbelSoftmax(100, 20, 10, Pixels)];
        progress.Start(works.Length);
        List<BenchRow> rows = [];
        void Add(BenchRow row)
        {
            rows.Add(row with { Clock = "stopwatch" });
            progress.Show(rows[^1]);
        }

        foreach (StepWork work in works)
        {
            progress.Next($"{work.Work} {work.Shape}");
            StepSettings settings = new() { Batch = work.Batch, Estimator = work.Estimator };
            int steps = (int)(ChunkBytes / ((long)work.Batch * Pixels));
            using DiscreteVae resident = new(device, work.Design, 1), streamed = new(device, work.Design, 1);
            DataPlacement chunks = new(ChunkBytes, "measured");
            using TrainingStep whole = new(resident, Placed(resident, DataPlacement.Resident, settings), settings);
            using TrainingStep parts = new(streamed, Placed(streamed, chunks, settings), settings);
            (Percentiles Whole, Percentiles Parts, double Share) ms = ByTurns(whole, parts, steps);
            KernelCost cost = whole.Launches.Aggregate(default(KernelCost), (sum, launch) => sum + launch.Cost);
            Add(BenchRow.Of($"{work.Work}, resident", work.Shape, cost, ms.Whole) with { Launches = whole.Launches.Count, PeakBytes = resident.Arena.UsedBytes, Mode = whole.Mode });
            Add(BenchRow.Of($"{work.Work}, streamed", work.Shape, cost, ms.Parts) with { Launches = parts.Launches.Count, PeakBytes = streamed.Arena.UsedBytes, Mode = parts.Mode });
            progress.Say(FormattableString.Invariant($"    streamed at {100 * ms.Share:F1} % of the resident throughput, {steps} steps a chunk"));

            using Arena arena = new(device);
            DeviceData window = DeviceData.Place(device, arena, data, chunks, BatchOrder.Shuffled, settings.Seed, work.Batch);
            KernelCost chunk = new((long)steps * work.Batch * Pixels, 0);
            Add(BenchRow.Of("filling a chunk", $"{steps * work.Batch} of {Pixels} bytes", chunk, Filling(window, steps, work.Batch)) with { PeakBytes = arena.UsedBytes });
        }

        return (peaks, rows);
    }

    private DeviceData Placed(DiscreteVae vae, DataPlacement placement, StepSettings settings) =>
        DeviceData.Place(device, vae.Arena, data, placement, BatchOrder.Shuffled, settings.Seed, settings.Batch);

    // Milliseconds a step, and the streamed throughput over the resident one of the sample before it, which a machine's slower and faster times do not touch.
    private (Percentiles Whole, Percentiles Parts, double Share) ByTurns(TrainingStep whole, TrainingStep parts, int steps)
    {
        double[] wholeMs = new double[samples], partsMs = new double[samples];
        Timed(whole, 2);

        // One step past the beginning of a chunk: the wait for the next one lies within each sample.
        Timed(parts, 2);
        for (int sample = 0; sample < samples; sample++)
        {
            wholeMs[sample] = Timed(whole, steps);
            partsMs[sample] = Timed(parts, steps);
        }

        return (Percentiles.Of(wholeMs), Percentiles.Of(partsMs), Percentiles.Of([.. wholeMs.Zip(partsMs, (one, other) => one / other)]).P50);
    }

    private double Timed(TrainingStep step, int steps)
    {
        Stopwatch watch = Stopwatch.StartNew();
        for (int i = 0; i < steps; i++)
            step.Run();
        device.Wait();
        return watch.Elapsed.TotalMilliseconds / steps;
    }

    // Without any steps in between, going on to the next chunk takes as long as filling the one after it.
    private Percentiles Filling(DeviceData streamed, int steps, int batch)
    {
        double[] ms = new double[samples];
        streamed.Fetch(1, batch);
        for (int sample = 0; sample < samples; sample++)
        {
            Stopwatch watch = Stopwatch.StartNew();
            streamed.Fetch(1 + ((sample + 1) * steps), batch);
            ms[sample] = watch.Elapsed.TotalMilliseconds;
        }

        return Percentiles.Of(ms);
    }

    private static DataSet Data()
    {
        byte[] bytes = new byte[Examples * Pixels];
        new Random(1).NextBytes(bytes);
        return new DataSet { Name = "random grey levels", Count = Examples, Width = Pixels, Bytes = bytes };
    }
}
