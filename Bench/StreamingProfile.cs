using System.Diagnostics;
using System.Globalization;
using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Bench;

/// <summary>
/// Training steps on data that are on the device and on the same data streamed from the host, by turns (one, the other twice, the first) in one run. A sample
/// is one chunk's steps, so that each has its share of waiting. Beside them the time in which the host gathers and copies a chunk: streaming costs nothing
/// while a chunk's steps take longer.
/// </summary>
internal sealed class StreamingProfile(ComputeDevice device, bool quick)
{
    private const int Pixels = 784;
    private const int Examples = 200_000;
    private const string Clock = "stopwatch";

    // An eighth of the chunks of a run that has the memory: the wait at the beginning of each weighs eight times as much.
    private const long ChunkBytes = DataPlacement.LargestChunk / 8;

    private const int Warmups = 3;

    private static readonly DataPlacement Chunks = new(ChunkBytes, "measured");

    private readonly int turns = quick ? 2 : 8;
    private readonly Timing timing = new(device, quick);
    private readonly DataSet data = Data();

    internal (Peaks Peaks, IReadOnlyList<BenchRow> Rows) Run(Progress progress)
    {
        Peaks peaks = Peaks.Measure(device, timing);
        StepWork[] works = [StepWorks.Exact(128, 64, Pixels, 256, 64), StepWorks.GumbelSoftmax(100, 20, 10, Pixels)];
        progress.Start(works.Length);
        List<BenchRow> rows = [];
        void Add(BenchRow row)
        {
            rows.Add(row with { Clock = Clock });
            progress.Show(rows[^1]);
        }

        foreach (StepWork work in works)
        {
            progress.Next($"{work.Work} {work.Shape}");
            int steps = (int)(ChunkBytes / ((long)work.Batch * Pixels));
            List<BenchRow> resident = [], streamed = [];
            for (int turn = 0; turn < turns; turn++)
            {
                resident.Add(Timed(work, DataPlacement.Resident, steps));
                streamed.Add(Timed(work, Chunks, steps));
                streamed.Add(Timed(work, Chunks, steps));
                resident.Add(Timed(work, DataPlacement.Resident, steps));
            }

            (BenchRow whole, BenchRow parts) = (Together(resident), Together(streamed));
            Add(whole);
            Add(parts);
            progress.Say(string.Create(
                CultureInfo.InvariantCulture,
                $"    streamed at {100 * whole.Ms.P50 / parts.Ms.P50:F1} % of the resident throughput (at the 20th percentiles "
                    + $"{100 * whole.Ms.P20 / parts.Ms.P20:F1} %), {steps} steps a chunk"));
            Add(Filling(work, steps));
        }

        return (peaks, rows);
    }

    // A model of its own for every sample: of two that are there at once, either may lie in slower memory for as long as it lives.
    private BenchRow Timed(StepWork work, DataPlacement placement, int steps)
    {
        StepSettings settings = new() { Batch = work.Batch, Estimator = work.Estimator };
        using DiscreteVae vae = new(device, work.Design, 1);
        using TrainingStep step = new(vae, DeviceData.Place(device, vae.Arena, data, placement, BatchOrder.Shuffled, settings.Seed, settings.Batch), settings);

        // Past the beginning of a chunk, so that the wait for the next one is in the sample.
        for (int i = 0; i < Warmups; i++)
            step.Run();
        device.Wait();
        Stopwatch watch = Stopwatch.StartNew();
        for (int i = 0; i < steps; i++)
            step.Run();
        device.Wait();
        double ms = watch.Elapsed.TotalMilliseconds / steps;
        KernelCost cost = step.Launches.Aggregate(default(KernelCost), (sum, launch) => sum + launch.Cost);
        return BenchRow.Of($"{work.Work}, {placement.Name}", work.Shape, cost, new Percentiles(ms, ms, ms)) with
        {
            Launches = step.Launches.Count,
            PeakBytes = vae.Arena.UsedBytes,
            Mode = step.Mode,
        };
    }

    private static BenchRow Together(List<BenchRow> samples)
    {
        BenchRow first = samples[0];
        KernelCost cost = new(first.Bytes!.Value, first.Flops!.Value);
        return BenchRow.Of(
            first.Work,
            first.Shape,
            cost,
            Percentiles.Of([.. samples.Select(sample => sample.Ms.P50)])) with
        { Launches = first.Launches, PeakBytes = first.PeakBytes, Mode = first.Mode };
    }

    // Without any steps in between, going on to the next chunk takes as long as filling the one after it.
    private BenchRow Filling(StepWork work, int steps)
    {
        using Arena arena = new(device);
        DeviceData streamed = DeviceData.Place(device, arena, data, Chunks, BatchOrder.Shuffled, new StepSettings().Seed, work.Batch);
        double[] ms = new double[turns];
        streamed.Fetch(1, work.Batch);
        for (int sample = 0; sample < turns; sample++)
        {
            Stopwatch watch = Stopwatch.StartNew();
            streamed.Fetch(1 + ((sample + 1) * steps), work.Batch);
            ms[sample] = watch.Elapsed.TotalMilliseconds;
        }

        int rows = steps * work.Batch;
        return BenchRow.Of(
            "filling a chunk", $"{rows} of {Pixels} bytes", new KernelCost((long)rows * Pixels, 0), Percentiles.Of(ms)) with
        { PeakBytes = arena.UsedBytes };
    }

    private static DataSet Data()
    {
        byte[] bytes = new byte[Examples * Pixels];
        new Random(1).NextBytes(bytes);
        return new DataSet { Name = "random grey levels", Count = Examples, Width = Pixels, Bytes = bytes };
    }
}
