using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Models;
using IlgpuVae.Training.Estimators;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Tests.Steps;

/// <summary>The same run on every device of this machine and in every style, against the simulated CPU's.</summary>
[TestFixtureSource(typeof(Target), nameof(Target.All))]
public class AcrossDevicesTests(Target target) : ModelSuite(target)
{
    private const int Steps = 20;

    private static readonly ModelCase Shape = new()
    {
        Latents = 2,
        Categories = 5,
        Prior = PriorKind.Learned,
        Embedding = CodeEmbedding.Table,
        Activation = ActivationKind.Tanh,
    };

    // A hard sample would be another one where rounding decides a near tie: only the smooth estimators can agree.
    [TestCase("exact")]
    [TestCase("gumbel-softmax")]
    public void Losses_AgreeWithTheProcessor(string estimator)
    {
        StepState expected = Train(SharedDevices.Get(Target.Processor), estimator);
        StepState actual = Train(Device, estimator);

        // Adam divides by the root of the second moment, which makes much of the rounding of small gradients: some 1e-6 a step, growing from step to step.
        const double Relative = 1e-4;
        Assert.That(actual.Sums.Reconstruction, Is.EqualTo(expected.Sums.Reconstruction).Within(Relative * Math.Abs(expected.Sums.Reconstruction)));
        Assert.That(actual.Sums.Kl, Is.EqualTo(expected.Sums.Kl).Within(Relative * Math.Max(1, expected.Sums.Kl)));
        Assert.That(actual.Sums.GradientNorm, Is.EqualTo(expected.Sums.GradientNorm).Within(10 * Relative * expected.Sums.GradientNorm));
    }

    private static StepState Train(ComputeDevice device, string estimator)
    {
        StepSettings settings = new()
        {
            Batch = 6,
            Estimator = EstimatorChoice.Make(new EstimatorSettings { Name = estimator }, Shape.Design(), 6, device).Build,
            Schedules = Scheduled.Default with { LearningRate = Schedule.Constant(0.005f), Temperature = Schedule.Constant(0.8f) },
        };
        using ShortRun run = new ShortRun(device, Shape, settings).Run(Steps);
        return run.Step.ReadState();
    }
}
