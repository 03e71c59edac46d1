using System.Diagnostics;
using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Estimators;
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
    private readonly DataSet data = Data();

    internal IReadOnlyList<BenchRow> Run(Action<BenchRow> measured)
    {
        List<BenchRow> rows = [];
        void Add(string work, string shape, Percentiles ms, long bytes, int launches, long peakBytes)
        {
            rows.Add(new BenchRow { Provider = "ilgpu-vae", Work = work, Shape = shape, Ms = ms, Bytes = bytes, GbPerS = bytes / ms.P50 / 1e6, Launches = launches, PeakBytes = peakBytes });
            measured(rows[^1]);
        }

        foreach ((string work, string shape, int batch, VaeDesign design, Func<Posterior, Estimator> estimator) in Works())
        {
            StepSettings settings = new() { Batch = batch, Estimator = estimator };
            int steps = (int)(ChunkBytes / ((long)batch * Pixels));
            using DiscreteVae resident = new(device, design, 1), streamed = new(device, design, 1);
            DataPlacement chunks = new(ChunkBytes, "measured");
            using TrainingStep whole = new(resident, Placed(resident, DataPlacement.Resident, settings), settings);
            using TrainingStep parts = new(streamed, Placed(streamed, chunks, settings), settings);
            (Percentiles Whole, Percentiles Parts, double Share) ms = ByTurns(whole, parts, steps);
            KernelCost cost = whole.Launches.Aggregate(default(KernelCost), (sum, launch) => sum + launch.Cost);
            Add($"{work}, resident", shape, ms.Whole, cost.Bytes, whole.Launches.Count, resident.Arena.UsedBytes);
            Add($"{work}, streamed", shape, ms.Parts, cost.Bytes, parts.Launches.Count, streamed.Arena.UsedBytes);
            Console.WriteLine(FormattableString.Invariant($"    streamed at {100 * ms.Share:F1} % of the resident throughput, {steps} steps a chunk"));

            using Arena arena = new(device);
            Add("filling a chunk", $"{steps * batch} of {Pixels} bytes", Filling(DeviceData.Place(device, arena, data, chunks, BatchOrder.Shuffled, settings.Seed, batch), steps, batch), (long)steps * batch * Pixels, 0, arena.UsedBytes);
        }

        return rows;
    }

    private static IEnumerable<(string Work, string Shape, int Batch, VaeDesign Design, Func<Posterior, Estimator> Estimator)> Works()
    {
        yield return ("exact step", $"B=128 K=64 D={Pixels} H=256 E=64", 128, new VaeDesign
        {
            DataWidth = Pixels,
            Categories = 64,
            Embedding = CodeEmbedding.Table,
            EmbeddingWidth = 64,
            Encoder = VaeDesign.Mlp([256]),
            Decoder = VaeDesign.Mlp([256]),
        }, posterior => new ExactEstimator(posterior));
        yield return ("gumbel-softmax step", $"B=100 N=20 K=10 D={Pixels} 512-256", 100, new VaeDesign
        {
            DataWidth = Pixels,
            Latents = 20,
            Categories = 10,
            Encoder = VaeDesign.Mlp([512, 256]),
            Decoder = VaeDesign.Mlp([256, 512]),
        }, posterior => new GumbelSoftmaxEstimator(posterior, straightThrough: false));
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
