using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Estimators;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Tests.Estimators;

/// <summary>
/// Whole training steps at learning rate 0 on many copies of one example: each row of the logits' gradient is an independent sample of the estimator, and their
/// mean is the exact estimator's gradient where the estimator is unbiased. The decoder's gradient is checked in the same way.
/// </summary>
[TestFixtureSource(typeof(Target), nameof(Target.Best))]
public sealed class TrainingGradientTests(Target target) : IDisposable
{
    private const int Copies = 256;
    private const int Steps = 150;
    private const int Latents = 2;

    // What float32 leaves of terms of a few nats.
    private const double Rounding = 4e-6;

    private static readonly object[] Unbiased =
    [
        Case("reinforce, no baseline", 3, new EstimatorSettings { Name = "reinforce", Samples = 1, Baseline = BaselineKind.None }),
        Case("reinforce, no baseline, 3 samples", 3, new EstimatorSettings { Name = "reinforce", Samples = 3, Baseline = BaselineKind.None }),
        Case("reinforce, moving average", 3, new EstimatorSettings { Name = "reinforce", Baseline = BaselineKind.MovingAverage }),
        Case("reinforce, leave-one-out", 3, new EstimatorSettings { Name = "reinforce", Samples = 3, Baseline = BaselineKind.LeaveOneOut }),
        Case("local-expectation", 3, new EstimatorSettings { Name = "local-expectation" }),
        Case("local-expectation, K = 2", 2, new EstimatorSettings { Name = "local-expectation" }),
        Case("disarm", 2, new EstimatorSettings { Name = "disarm" }),
    ];

    private readonly ComputeDevice device = target.Open();

    [OneTimeTearDown]
    public void Dispose() => device.Dispose();

    [TestCaseSource(nameof(Unbiased))]
    public void MeanGradient_IsTheExactEstimators(EstimatorSettings settings, int categories)
    {
        Gradients exact = Sample(new EstimatorSettings { Name = "exact" }, categories, 1), sampled = Sample(settings, categories, Steps);
        Assert.That(sampled.Logits.LargestZAgainst(exact.Logits.Mean, Rounding), Is.LessThan(SampleStatistics.LargestZ), "logits");
        Assert.That(sampled.Parameters.LargestZAgainst(exact.Parameters.Mean, Rounding), Is.LessThan(SampleStatistics.LargestZ), "parameters");
        Assert.That(sampled.Reconstruction.LargestZAgainst(exact.Reconstruction.Mean, Rounding), Is.LessThan(SampleStatistics.LargestZ), "reconstruction");
    }

    [Test]
    public void BiasedEstimators_AreTold([Values("straight-through", "gumbel-softmax", "st-gumbel-softmax", "gumbel-rao")] string name)
    {
        Gradients exact = Sample(new EstimatorSettings { Name = "exact" }, 3, 1), sampled = Sample(new EstimatorSettings { Name = name }, 3, Steps);
        Assert.That(sampled.Logits.LargestZAgainst(exact.Logits.Mean, Rounding), Is.GreaterThan(SampleStatistics.LargestZ));
    }

    [Test]
    public void Variance_FallsFromReinforceToLeaveOneOutToLocalExpectation()
    {
        EstimatorSettings[] settings =
        [
            new() { Name = "reinforce", Samples = 4, Baseline = BaselineKind.None },
            new() { Name = "reinforce", Samples = 4, Baseline = BaselineKind.LeaveOneOut },
            new() { Name = "local-expectation" },
        ];
        double[] variances = [.. settings.Select(setting => Sample(setting, 3, 10).Logits.TotalVariance)];
        Assert.That(variances, Is.Ordered.Descending);
    }

    private static TestCaseData Case(string what, int categories, EstimatorSettings settings) => new TestCaseData(settings, categories).SetArgDisplayNames(what);

    private Gradients Sample(EstimatorSettings settings, int categories, int steps)
    {
        VaeDesign design = new() { DataWidth = 4, Latents = Latents, Categories = categories, Decoder = VaeDesign.Mlp([5], ActivationKind.Tanh) };
        using DiscreteVae vae = new(device, design, seed: 97);

        // Parameters of order one: the posterior is far from uniform and the decoder far from linear.
        Random random = new(101);
        foreach (Parameter parameter in vae.Parameters.All)
            device.Upload<float>(parameter.Value.View, Draws.Normal(random, (int)parameter.Length, 0.9));
        float[] example = [1f, 0f, 1f, 1f];
        DataSet data = new() { Name = "copies", Count = Copies, Width = 4, Values = [.. Enumerable.Repeat(example, Copies).SelectMany(row => row)] };
        Posterior? posterior = null;
        using TrainingStep step = new(vae, new DeviceData(device, vae.Arena, data), new StepSettings
        {
            Batch = Copies,
            Seed = 103,
            Schedules = new StepSchedules(Schedule.Constant(0f), Schedule.Constant(0.5f), Schedule.Constant(0.8f)),
            Estimator = made =>
            {
                posterior = made;
                return EstimatorChoice.Make(settings, design, Copies, device).Build(made);
            },
        });
        Gradients gradients = new(new(Latents * categories), new((int)vae.Parameters.Gradients.Length), new(1));
        for (int run = 0; run < steps; run++)
        {
            step.Run();
            device.Wait();

            // Of the mean over the batch each example has 1 / B.
            gradients.Logits.Add([.. device.Download(posterior!.LogitsGrad.View).Select(value => value * Copies)]);
            gradients.Parameters.Add(device.Download(vae.Parameters.Gradients));
            gradients.Reconstruction.Add([device.Download(step.Estimator.Reconstruction.View).Average()]);
        }

        return gradients;
    }

    private sealed record Gradients(SampleStatistics Logits, SampleStatistics Parameters, SampleStatistics Reconstruction);
}
