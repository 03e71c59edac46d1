using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Estimators;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Bench;

/// <summary>Whole training steps on the reference models, with peak memory and launches.</summary>
internal sealed class StepProfile(ComputeDevice device, bool quick)
{
    private const int Pixels = 784;
    private const int Examples = 4096;

    private readonly Timing timing = new(device, quick);

    internal IReadOnlyList<BenchRow> Run(Action<BenchRow> measured)
    {
        List<BenchRow> rows = [];
        foreach ((string work, string shape, int batch, VaeDesign design, Func<Posterior, Estimator> estimator) in Works())
        {
            using DiscreteVae vae = new(device, design, 1);
            using TrainingStep step = new(vae, new DeviceData(device, vae.Arena, Data()), new StepSettings { Batch = batch, Estimator = estimator });
            Percentiles ms = timing.Measure(step.Run);
            KernelCost cost = step.Launches.Aggregate(default(KernelCost), (sum, launch) => sum + launch.Cost);
            BenchRow row = new()
            {
                Provider = "ilgpu-vae",
                Work = work,
                Shape = shape,
                Ms = ms,
                Bytes = cost.Bytes,
                Flops = cost.Flops,
                GbPerS = cost.Bytes / ms.P50 / 1e6,
                GflopPerS = cost.Flops / ms.P50 / 1e6,
                Launches = step.Launches.Count,
                PeakBytes = vae.Arena.UsedBytes,
            };
            rows.Add(row);
            measured(row);
        }

        return rows;
    }

    private static IEnumerable<(string Work, string Shape, int Batch, VaeDesign Design, Func<Posterior, Estimator> Estimator)> Works()
    {
        foreach ((int b, int k) in new[] { (128, 64), (512, 256) })
        {
            yield return ("exact step", $"B={b} K={k} D={Pixels} H=256 E=64", b, new VaeDesign
            {
                DataWidth = Pixels,
                Categories = k,
                Embedding = CodeEmbedding.Table,
                EmbeddingWidth = 64,
                Encoder = VaeDesign.Mlp([256]),
                Decoder = VaeDesign.Mlp([256]),
            }, posterior => new ExactEstimator(posterior));
        }

        yield return ("gumbel-softmax step", $"B=100 N=20 K=10 D={Pixels} 512-256", 100, new VaeDesign
        {
            DataWidth = Pixels,
            Latents = 20,
            Categories = 10,
            Encoder = VaeDesign.Mlp([512, 256]),
            Decoder = VaeDesign.Mlp([256, 512]),
        }, posterior => new GumbelSoftmaxEstimator(posterior, straightThrough: false));
    }

    private static DataSet Data()
    {
        Random random = new(1);
        byte[] bytes = new byte[Examples * Pixels];
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = random.NextDouble() < 0.2 ? byte.MaxValue : byte.MinValue;
        return new DataSet { Name = "random pixels", Count = Examples, Width = Pixels, Bytes = bytes };
    }
}
