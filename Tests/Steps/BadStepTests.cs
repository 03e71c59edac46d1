using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Tests.Models;
using IlgpuVae.Training.Estimators;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Tests.Steps;

/// <summary>A loss or gradient that is not finite stops the updates and is named.</summary>
[TestFixtureSource(typeof(Target), nameof(Target.Best))]
public class BadStepTests(Target target) : ModelSuite(target)
{
    private static readonly ModelCase Shape = new() { Latents = 2, Categories = 3, Likelihood = LikelihoodKind.FixedGaussian, Prior = PriorKind.Learned };

    [Test]
    public void PoisonedParameter_FreezesAllOthers(
        [Values("encoder.0.weight", "encoder.2.bias", "prior.logits", "decoder.0.weight", "decoder.2.bias")] string name,
        [Values(OptimiserKind.Adam, OptimiserKind.AdamW, OptimiserKind.Sgd)] OptimiserKind kind)
    {
        using ShortRun run = new ShortRun(Device, Shape, new StepSettings { Batch = 4, Optimiser = new OptimiserRule(kind) { WeightDecay = 0.01f } }).Run(3);
        StepState before = run.Step.ReadState();
        Parameter parameter = run.Vae.Parameters.All.Single(each => each.Name == name);
        float[] kept = Device.Download(parameter.Value.View);
        Device.Upload<float>(parameter.Value.View, [float.NaN]);
        int[] poisoned = run.Bits();
        StepState after = run.Run(2).Step.ReadState();
        Assert.That(after.FirstBadStep, Is.EqualTo(4));
        Assert.That(after.Step, Is.EqualTo(5));
        Assert.That(run.Bits(), Is.EqualTo(poisoned));
        Assert.That(Moments(run), Is.All.Matches<float>(float.IsFinite));
        Assert.That(
            (after.SummedSteps, after.Sums.Reconstruction, after.Sums.Kl, after.Sums.GradientNorm),
            Is.EqualTo((3, before.Sums.Reconstruction, before.Sums.Kl, before.Sums.GradientNorm)));
        Assert.That(after.FirstMomentPower, Is.EqualTo(before.FirstMomentPower));

        // A later good step changes nothing either: the run is over until somebody says otherwise.
        Device.Upload<float>(parameter.Value.View, kept);
        int[] healed = run.Bits();
        Assert.That(run.Run(1).Bits(), Is.EqualTo(healed));
        run.Step.WriteState(after with { Step = 3, FirstBadStep = 0 });
        Assert.That(run.Run(1).Bits(), Is.Not.EqualTo(healed));
        Assert.That(run.Step.ReadState().FirstBadStep, Is.Zero);
    }

    [TestCase("exact")]
    [TestCase("gumbel-softmax")]
    public void AbsurdLearningRate_KeepsTheLastGoodParameters(string estimator)
    {
        StepSettings settings = new()
        {
            Batch = 4,
            Estimator = EstimatorChoice.Make(new EstimatorSettings { Name = estimator }, Shape.Design(), 4, Device).Build,
            Schedules = Scheduled.Default with { LearningRate = Schedule.Constant(1e25f) },
            Optimiser = new OptimiserRule(OptimiserKind.Sgd),
        };
        using ShortRun run = new ShortRun(Device, Shape, settings).Run(1);
        int[] last = run.Bits();
        StepState state = run.Run(3).Step.ReadState();
        Assert.That(state.FirstBadStep, Is.EqualTo(2));
        Assert.That(run.Bits(), Is.EqualTo(last));
        Assert.That(run.Values(), Is.All.Matches<float>(float.IsFinite));
    }

    private float[] Moments(ShortRun run) => [.. Device.Download(run.Vae.Parameters.FirstMoments), .. Device.Download(run.Vae.Parameters.SecondMoments)];
}
