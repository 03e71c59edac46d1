using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Estimators;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Bench;

/// <summary>
/// The losses of our training steps from <see cref="SameState"/>, which the peers compute too. A sampling step draws noise of its own, so its losses agree with
/// a peer's only as two draws do; the others agree to rounding.
/// </summary>
internal static class SameWork
{
    private const string Provider = "ilgpu-vae";
    private const int Pixels = 784;
    private const int BernoulliLatents = 200;

    /// <summary>The losses of every work that has one, each computed when it is asked for.</summary>
    internal static IEnumerable<LossRow> Losses(ComputeDevice device)
    {
        yield return Pass(device, 262_144, 64);
        yield return Exact(device, 128, 64);
        yield return Exact(device, 512, 256);
        yield return GumbelSoftmax(device);
        yield return Bernoulli(device);
    }

    private static LossRow Pass(ComputeDevice device, int r, int k)
    {
        using CategoricalElbo elbo = new(device, r, k);
        return new LossRow(Provider, "categorical-pass", $"R={r} K={k}", elbo.Evaluate(SameState.Logits(r * k), SameState.LogLikelihoods(r * k)).Loss, null);
    }

    private static LossRow Exact(ComputeDevice device, int b, int k)
    {
        VaeDesign design = new()
        {
            DataWidth = Pixels,
            Categories = k,
            Embedding = CodeEmbedding.Table,
            EmbeddingWidth = 64,
            Encoder = VaeDesign.Mlp([256]),
            Decoder = VaeDesign.Mlp([256]),
        };
        return Step(device, "exact step", $"B={b} K={k} D={Pixels} H=256 E=64", b, design, posterior => new ExactEstimator(posterior));
    }

    private static LossRow GumbelSoftmax(ComputeDevice device)
    {
        VaeDesign design = new()
        {
            DataWidth = Pixels,
            Latents = 20,
            Categories = 10,
            Encoder = VaeDesign.Mlp([512, 256]),
            Decoder = VaeDesign.Mlp([256, 512]),
        };
        return Step(device, "gumbel-softmax step", $"B=100 N=20 K=10 D={Pixels} 512-256", 100, design, posterior => new GumbelSoftmaxEstimator(posterior, straightThrough: false));
    }

    private static LossRow Bernoulli(ComputeDevice device)
    {
        VaeDesign design = new() { DataWidth = Pixels, Latents = BernoulliLatents, Categories = 2, OneLogit = true, Embedding = CodeEmbedding.Sign };
        return Step(
            device, "bernoulli step", $"B=50 N={BernoulliLatents} K=2 D={Pixels} linear", 50, design, posterior => new GumbelSoftmaxEstimator(posterior, straightThrough: false));
    }

    // As many examples as a batch holds: every batch is all of them, in whatever order.
    private static LossRow Step(ComputeDevice device, string work, string shape, int batch, VaeDesign design, Func<Posterior, Estimator> estimator)
    {
        using DiscreteVae vae = new(device, design, 1);
        for (int t = 0; t < vae.Parameters.All.Count; t++)
            Set(device, vae.Parameters.All[t], t);
        DataSet data = new() { Name = "the same pixels", Count = batch, Width = Pixels, Values = SameState.Pixels(batch, Pixels) };
        using TrainingStep step = new(vae, new DeviceData(device, vae.Arena, data), new StepSettings { Batch = batch, Estimator = estimator });
        step.Run();
        double first = Sum(step.ReadState());
        for (int s = 1; s < SameState.Steps; s++)
            step.Run();
        double before = Sum(step.ReadState());
        step.Run();
        return new LossRow(Provider, work, shape, first, Sum(step.ReadState()) - before);
    }

    private static double Sum(StepState state) => (double)state.KlSum - state.ReconstructionSum;

    private static void Set(ComputeDevice device, Parameter parameter, int tensor)
    {
        float[] values = SameState.Parameter(tensor, checked((int)parameter.Length));
        if (parameter.Layout == ParameterLayout.Transposed)
        {
            float[] transposed = new float[values.Length];
            for (int i = 0; i < values.Length; i++)
                transposed[(i % parameter.Rows * parameter.Columns) + (i / parameter.Rows)] = values[i];
            values = transposed;
        }

        device.Upload<float>(parameter.Value.View, values);
    }
}
