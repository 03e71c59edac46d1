using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Bench;

/// <summary>
/// The losses of our training steps from <see cref="SameState"/>, which the peers compute too. A sampling step draws noise of its own, so its losses agree with
/// a peer's only as two draws do; the others agree to rounding.
/// </summary>
internal static class SameWork
{
    private const string Provider = "ilgpu-vae";

    /// <summary>The losses of every work that has one, each computed when it is asked for.</summary>
    internal static IEnumerable<LossRow> Losses(ComputeDevice device)
    {
        yield return Pass(device, 262_144, 64);
        foreach (StepWork work in StepWorks.All(device))
            yield return Step(device, work);
    }

    private static LossRow Pass(ComputeDevice device, int r, int k)
    {
        using CategoricalElbo elbo = new(device, r, k);
        return new LossRow(Provider, "categorical-pass", $"R={r} K={k}", elbo.Evaluate(SameState.Logits(r * k), SameState.LogLikelihoods(r * k)).Loss, null);
    }

    // As many examples as a batch holds: every batch is all of them, in whatever order.
    private static LossRow Step(ComputeDevice device, StepWork work)
    {
        (VaeDesign design, int batch) = (work.Design, work.Batch);
        using DiscreteVae vae = new(device, design, 1);
        for (int t = 0; t < vae.Parameters.All.Count; t++)
            Set(device, vae.Parameters.All[t], t);
        DataSet data = new() { Name = "the same pixels", Count = batch, Width = design.DataWidth, Values = SameState.Pixels(batch, design.DataWidth) };
        using TrainingStep step = new(vae, new DeviceData(device, vae.Arena, data), new StepSettings { Batch = batch, Estimator = work.Estimator });
        step.Run();
        double first = Sum(step.ReadState());
        for (int s = 1; s < SameState.Steps; s++)
            step.Run();
        double before = Sum(step.ReadState());
        step.Run();
        return new LossRow(Provider, work.Work, work.Shape, first, Sum(step.ReadState()) - before);
    }

    private static double Sum(StepState state) => (double)state.Sums.Kl - state.Sums.Reconstruction;

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
