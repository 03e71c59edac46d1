using System.Diagnostics;
using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Estimators;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Bench;

/// <summary>
/// Training steps on data that are on the device and on the same data streamed from the host, by turns (one, the other twice, the first) in one run. A sample is
/// one chunk's steps, so that each has its share of waiting. Beside them the time in which the host gathers and copies a chunk: streaming costs nothing while a
/// chunk's steps take longer.
/// </summary>
internal sealed class StreamingProfile(ComputeDevice device, bool quick)
{
    private const int Pixels = 784;
    private const int Examples = 200_000;

    // An eighth of the chunks of a run that has the memory: the wait at the beginning of each weighs eight times as much.
    private const long ChunkBytes = DataPlacement.LargestChunk / 8;

    private const int Warmups = 3;

    private static readonly DataPlacement Chunks = new(ChunkBytes, "measured");

    private readonly int turns = quick ? 2 : 8;
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
            List<Sample> resident = [], streamed = [];
            for (int turn = 0; turn < turns; turn++)
            {
                resident.Add(Timed(design, DataPlacement.Resident, settings, steps));
                streamed.Add(Timed(design, Chunks, settings, steps));
                streamed.Add(Timed(design, Chunks, settings, steps));
                resident.Add(Timed(design, DataPlacement.Resident, settings, steps));
            }

            Percentiles whole = Percentiles.Of([.. resident.Select(sample => sample.Ms)]), parts = Percentiles.Of([.. streamed.Select(sample => sample.Ms)]);
            Add($"{work}, resident", shape, whole, resident[0].Bytes, resident[0].Launches, resident[0].PeakBytes);
            Add($"{work}, streamed", shape, parts, streamed[0].Bytes, streamed[0].Launches, streamed[0].PeakBytes);
            Console.WriteLine(FormattableString.Invariant($"    streamed at {100 * whole.P50 / parts.P50:F1} % of the resident throughput (at the 20th percentiles {100 * whole.P20 / parts.P20:F1} %), {steps} steps a chunk"));

            using Arena arena = new(device);
            Add("filling a chunk", $"{steps * batch} of {Pixels} bytes", Filling(DeviceData.Place(device, arena, data, Chunks, BatchOrder.Shuffled, settings.Seed, batch), steps, batch), (long)steps * batch * Pixels, 0, arena.UsedBytes);
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

    // A model of its own for every sample: of two that are there at once, either may lie in slower memory for as long as it lives.
    private Sample Timed(VaeDesign design, DataPlacement placement, StepSettings settings, int steps)
    {
        using DiscreteVae vae = new(device, design, 1);
        using TrainingStep step = new(vae, DeviceData.Place(device, vae.Arena, data, placement, BatchOrder.Shuffled, settings.Seed, settings.Batch), settings);

        // Past the beginning of a chunk, so that the wait for the next one is in the sample.
        for (int i = 0; i < Warmups; i++)
            step.Run();
        device.Wait();
        Stopwatch watch = Stopwatch.StartNew();
        for (int i = 0; i < steps; i++)
            step.Run();
        device.Wait();
        return new Sample(watch.Elapsed.TotalMilliseconds / steps, step.Launches.Sum(launch => launch.Cost.Bytes), step.Launches.Count, vae.Arena.UsedBytes);
    }

    // Without any steps in between, going on to the next chunk takes as long as filling the one after it.
    private Percentiles Filling(DeviceData streamed, int steps, int batch)
    {
        double[] ms = new double[turns];
        streamed.Fetch(1, batch);
        for (int sample = 0; sample < turns; sample++)
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

    private sealed record Sample(double Ms, long Bytes, int Launches, long PeakBytes);
}
