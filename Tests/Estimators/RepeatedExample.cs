using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Estimators;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Tests.Estimators;

/// <summary>
/// Training steps at learning rate 0 on many copies of one example, or of two by turns, with a tiny model whose parameters are of order one: the posterior is far from uniform and the
/// decoder far from linear. Each row of the logits' gradient is a sample of the estimator.
/// </summary>
public sealed class RepeatedExample : IDisposable
{
    private const int Copies = 256;

    private static readonly float[] Example = [1f, 0f, 1f, 1f];
    private static readonly float[] OtherExample = [0f, 1f, 0.25f, 1f];

    private readonly ComputeDevice device;
    private readonly DiscreteVae vae;
    private readonly TrainingStep step;
    private Posterior? posterior;

    /// <summary>Records the step of an estimator. A batch is an epoch, so that with two examples each is half of every batch, in an order of its own.</summary>
    public RepeatedExample(ComputeDevice device, EstimatorSettings settings, int latents, int categories, PriorKind prior, bool twoExamples, float temperature = 0.8f)
    {
        this.device = device;
        VaeDesign design = new() { DataWidth = Example.Length, Latents = latents, Categories = categories, Decoder = VaeDesign.Mlp([5], ActivationKind.Tanh), Prior = prior };
        vae = new DiscreteVae(device, design, seed: 97);
        Random random = new(101);
        foreach (Parameter parameter in vae.Parameters.All)
            device.Upload<float>(parameter.Value.View, Draws.Normal(random, (int)parameter.Length, 0.9));
        DataSet data = new() { Name = "copies", Count = Copies, Width = Example.Length, Values = [.. Enumerable.Range(0, Copies).SelectMany(copy => twoExamples && copy % 2 == 1 ? OtherExample : Example)] };
        step = new TrainingStep(vae, new DeviceData(device, vae.Arena, data), new StepSettings
        {
            Batch = Copies,
            Seed = 103,
            Schedules = new StepSchedules(Schedule.Constant(0f), Schedule.Constant(0.5f), Schedule.Constant(temperature)),
            Estimator = made =>
            {
                posterior = made;
                return EstimatorChoice.Make(settings, design, Copies, device).Build(made);
            },
        });
    }

    /// <summary>dL/dl of the example, a row for each copy.</summary>
    public SampleStatistics LogitsGradient { get; private set; } = new(1);

    /// <summary>The gradient of all parameters, a row for each step.</summary>
    public SampleStatistics ParametersGradient { get; private set; } = new(1);

    /// <summary>The gradient of a learned prior's logits, a row for each step.</summary>
    public SampleStatistics PriorGradient { get; private set; } = new(1);

    /// <summary>The reconstruction term, a row for each step.</summary>
    public SampleStatistics Reconstruction { get; private set; } = new(1);

    /// <summary>The example's logits, as the encoder gave them.</summary>
    public float[] Logits => device.Download(posterior!.Logits.View)[..vae.CodeWidth];

    /// <summary>What the estimator trains for itself.</summary>
    public float[] Auxiliary => device.Download(step.Estimator.Auxiliary!.Values);

    /// <summary>A learned prior's logits.</summary>
    public float[] PriorLogits => device.Download(vae.PriorLogits!.Value.View);

    /// <summary>Does steps of which nothing is kept but what the estimator learns from them.</summary>
    public RepeatedExample Tune(int steps)
    {
        for (int run = 0; run < steps; run++)
            step.Run();
        return this;
    }

    /// <summary>Does steps and collects what they give.</summary>
    public RepeatedExample Run(int steps)
    {
        LogitsGradient = new(vae.CodeWidth);
        ParametersGradient = new((int)vae.Parameters.Gradients.Length);
        PriorGradient = new(vae.CodeWidth);
        Reconstruction = new(1);
        for (int run = 0; run < steps; run++)
        {
            step.Run();
            device.Wait();

            // Of the mean over the batch each copy has 1 / B.
            LogitsGradient.Add([.. device.Download(posterior!.LogitsGrad.View).Select(value => value * Copies)]);
            ParametersGradient.Add(device.Download(vae.Parameters.Gradients));
            Reconstruction.Add([device.Download(step.Estimator.Reconstruction.View).Average()]);
            if (vae.PriorLogits is { } prior)
                PriorGradient.Add(device.Download(prior.Gradient.View));
        }

        return this;
    }

    /// <summary>log p(x | z) of the example for each category of a single variable.</summary>
    public float[] LogLikelihoods()
    {
        int k = vae.CodeWidth;
        Matrix codes = vae.Arena.Matrix(k, k, MemoryUse.Codes), statistic = vae.Arena.Matrix(k, Example.Length, MemoryUse.Codes);
        device.Upload<float>(codes.View, [.. Outcomes.All(1, k).SelectMany(outcome => Outcomes.OneHot(outcome, k))]);
        device.Upload<float>(statistic.View, [.. Enumerable.Repeat(Example, k).SelectMany(row => row)]);
        DecodedRows rows = new(vae, k, training: false);
        LaunchList list = new(device);
        rows.Forward(list, codes, statistic);
        list.Replay();
        device.Wait();
        return device.Download(rows.LogLikelihood.View);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        step.Dispose();
        vae.Dispose();
    }
}
