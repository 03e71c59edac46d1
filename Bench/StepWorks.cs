using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Estimators;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Bench;

/// <summary>A training step to measure; the peers measure the same under the same names.</summary>
/// <param name="Work">What it is called.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Batch">B.</param>
/// <param name="Design">The model.</param>
/// <param name="Estimator">The estimator.</param>
internal sealed record StepWork(string Work, string Shape, int Batch, VaeDesign Design, Func<EstimatorInputs, Estimator> Estimator)
{
    private const int Examples = 4096;
    private const double Ink = 0.2;

    /// <summary>The step with its model, on random black and white pixels.</summary>
    internal (DiscreteVae Vae, TrainingStep Step) Open(ComputeDevice device, bool asGraph = true, bool tf32 = false)
    {
        DiscreteVae vae = new(device, Design, seed: 1);
        StepSettings settings = new() { Batch = Batch, Estimator = Estimator, AsGraph = asGraph, Tf32 = tf32 };
        TrainingStep step = new(vae, new DeviceData(device, vae.Arena, RandomPixels(Design.DataWidth)), settings);
        return (vae, step);
    }

    private static DataSet RandomPixels(int width)
    {
        Random random = new(1);
        byte[] bytes = new byte[Examples * width];
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = random.NextDouble() < Ink ? byte.MaxValue : byte.MinValue;
        return new DataSet { Name = "random pixels", Count = Examples, Width = width, Bytes = bytes };
    }
}

/// <summary>The training steps of the reference models.</summary>
internal static class StepWorks
{
    private const int Pixels = 784;

    /// <summary>Those for <paramref name="device"/>: the large one on graphics processors alone, none of the larger ones where groups are simulated.</summary>
    internal static IEnumerable<StepWork> All(ComputeDevice device)
    {
        yield return Exact(128, 64, Pixels, 256, 64);
        if (device.Kind() != DeviceKind.Simulated)
            yield return Exact(512, 256, Pixels, 256, 64);
        yield return GumbelSoftmax(100, 20, 10, Pixels);
        yield return Bernoulli(50, 200, Pixels);
        if (device.Kind() == DeviceKind.Graphics)
            yield return Exact(8192, 1024, Pixels, 512, 64);
    }

    /// <summary>One variable of K categories, summed out; one hidden layer on each side, codes through a table [K, E].</summary>
    internal static StepWork Exact(int b, int k, int d, int h, int e) => new(
        "exact step",
        $"B={b} K={k} D={d} H={h} E={e}",
        b,
        new VaeDesign
        {
            DataWidth = d,
            Categories = k,
            Embedding = CodeEmbedding.Table,
            EmbeddingWidth = e,
            Encoder = VaeDesign.Mlp([h]),
            Decoder = VaeDesign.Mlp([h]),
        },
        inputs => new ExactEstimator(inputs));

    /// <summary>N relaxed variables of K categories.</summary>
    internal static StepWork GumbelSoftmax(int b, int n, int k, int d) => new(
        "gumbel-softmax step",
        $"B={b} N={n} K={k} D={d} 512-256",
        b,
        new VaeDesign
        {
            DataWidth = d,
            Latents = n,
            Categories = k,
            Encoder = VaeDesign.Mlp([512, 256]),
            Decoder = VaeDesign.Mlp([256, 512]),
        },
        inputs => new GumbelSoftmaxEstimator(inputs, straightThrough: false));

    /// <summary>N relaxed binary variables between linear maps, with a logit and a corner of the hypercube for each.</summary>
    internal static StepWork Bernoulli(int b, int n, int d) => new(
        "bernoulli step",
        $"B={b} N={n} K=2 D={d} linear",
        b,
        new VaeDesign { DataWidth = d, Latents = n, Categories = 2, OneLogit = true, Embedding = CodeEmbedding.Sign },
        inputs => new GumbelSoftmaxEstimator(inputs, straightThrough: false));
}
