using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;
using IlgpuVae.Training.Estimators;

namespace IlgpuVae.Tests.Estimators;

/// <summary>
/// Estimators in whole training steps: the mean of their gradients is the exact estimator's where they are unbiased, and the expected bound's for VIMCO. The
/// decoder's gradient and the reconstruction are checked in the same way.
/// </summary>
[TestFixtureSource(typeof(Target), nameof(Target.Best))]
public sealed class TrainingGradientTests(Target target) : IDisposable
{
    private const int Steps = 150;
    private const int Latents = 2;

    // What float32 leaves of terms of a few nats.
    private const double Rounding = 4e-6;

    private static readonly EstimatorSettings Exact = new() { Name = "exact" };

    private static readonly EstimatorSettings[] OfTheBound =
    [
        new() { Name = "vimco", Signal = VimcoMean.Arithmetic },
        new() { Name = "vimco", Signal = VimcoMean.Geometric },
        new() { Name = "reinforce", Objective = ObjectiveKind.Iwae, Baseline = BaselineKind.None },
        new() { Name = "reinforce", Objective = ObjectiveKind.Iwae, Baseline = BaselineKind.MovingAverage },
        new() { Name = "reinforce", Objective = ObjectiveKind.Iwae, Baseline = BaselineKind.Learned },
    ];

    private static readonly object[] Unbiased =
    [
        Case("reinforce, no baseline", 3, new EstimatorSettings { Name = "reinforce", Samples = 1, Baseline = BaselineKind.None }),
        Case("reinforce, no baseline, 3 samples", 3, new EstimatorSettings { Name = "reinforce", Samples = 3, Baseline = BaselineKind.None }),
        Case("reinforce, moving average", 3, new EstimatorSettings { Name = "reinforce", Baseline = BaselineKind.MovingAverage }),
        Case("reinforce, leave-one-out", 3, new EstimatorSettings { Name = "reinforce", Samples = 3, Baseline = BaselineKind.LeaveOneOut }),
        Case("reinforce, learned baseline", 3, new EstimatorSettings { Name = "reinforce", Samples = 2, Baseline = BaselineKind.Learned, ControlRate = 0.01 }),
        Case("rebar, untuned", 3, new EstimatorSettings { Name = "rebar", Tuned = false, ControlScale = 0.7 }),
        Case("rebar", 3, new EstimatorSettings { Name = "rebar" }),
        Case("rebar, K = 2", 2, new EstimatorSettings { Name = "rebar" }),
        Case("relax, untuned", 3, new EstimatorSettings { Name = "relax", Tuned = false, ControlNetwork = [16], ControlRate = 0.01 }),
        Case("relax", 3, new EstimatorSettings { Name = "relax", ControlNetwork = [16], ControlRate = 0.01 }),
        Case("relax, K = 2", 2, new EstimatorSettings { Name = "relax", ControlNetwork = [16] }),
        Case("local-expectation", 3, new EstimatorSettings { Name = "local-expectation" }),
        Case("local-expectation, K = 2", 2, new EstimatorSettings { Name = "local-expectation" }),
        Case("disarm", 2, new EstimatorSettings { Name = "disarm" }),
    ];

    private readonly ComputeDevice device = target.Open();

    [OneTimeTearDown]
    public void Dispose() => device.Dispose();

    [TestCaseSource(nameof(Unbiased))]
    public void MeanGradient_IsTheExactEstimators(EstimatorSettings settings, int categories) => VerifyMeanGradient(settings, categories, PriorKind.Learned);

    [TestCaseSource(nameof(Unbiased))]
    public void ConditionalModel_MeanGradientIsTheExactEstimators(EstimatorSettings settings, int categories) =>
        VerifyMeanGradient(settings, categories, PriorKind.Conditional);

    private void VerifyMeanGradient(EstimatorSettings settings, int categories, PriorKind prior)
    {
        // Of two examples, so that a row that meets the other's data or logits would show in the encoder's gradient.
        using RepeatedExample exact = new RepeatedExample(device, Exact, Latents, categories, prior, twoExamples: true).Run(1);
        using RepeatedExample sampled = new RepeatedExample(device, settings, Latents, categories, prior, twoExamples: true).Run(Steps);
        Agrees(sampled.LogitsGradient, exact.LogitsGradient.Mean, "logits");
        Agrees(sampled.ParametersGradient, exact.ParametersGradient.Mean, "parameters");
        Agrees(sampled.Reconstruction, exact.Reconstruction.Mean, "reconstruction");
    }

    [Test]
    public void ImportanceWeightedBound_IsAscended(
        [ValueSource(nameof(OfTheBound))] EstimatorSettings estimator,
        [Values(2, 3)] int samples,
        [Values(PriorKind.Learned, PriorKind.Conditional)] PriorKind prior)
    {
        // Two examples where each has a prior of its own: means over both.
        using RepeatedExample sampled = new RepeatedExample(
            device, estimator with { Samples = samples }, 1, 3, prior, twoExamples: prior == PriorKind.Conditional).Run(Steps);
        ExampleQuantities[] given = [.. Enumerable.Range(0, sampled.Examples).Select(sampled.Quantities)];
        MultiSampleProblem[] problems = [.. given.Select(one => Problem(one, samples))];
        double[] posteriorGradient = Mean(problems, problem => problem.PosteriorGradient), priorGradient = Mean(problems, problem => problem.PriorGradient);
        Agrees(sampled.LogitsGradient, [.. posteriorGradient.Select(value => -value)], "logits");
        Agrees(sampled.PriorGradient, [.. priorGradient.Select(value => -value)], "prior");

        // What the test has to tell: a tenth less of the gradient, a quarter without a baseline, and, where each example has a prior of its own, the other's.
        double less = estimator.Baseline == BaselineKind.None ? 0.75 : 0.9;
        if (prior == PriorKind.Learned)
        {
            Assert.That(
                sampled.LogitsGradient.LargestZAgainst([.. posteriorGradient.Select(value => -less * value)], Rounding),
                Is.GreaterThan(Significance.Sigmas));
            return;
        }

        MultiSampleProblem[] swapped = [.. given.Select((own, i) => Problem(own with { Prior = given[1 - i].Prior }, samples))];
        double[] swappedGradient = Mean(swapped, problem => problem.PosteriorGradient), swappedPrior = Mean(swapped, problem => problem.PriorGradient);
        Assert.That(sampled.LogitsGradient.LargestZAgainst([.. swappedGradient.Select(value => -value)], Rounding), Is.GreaterThan(Significance.Sigmas));
        Assert.That(sampled.PriorGradient.LargestZAgainst([.. swappedPrior.Select(value => -value)], Rounding), Is.GreaterThan(Significance.Sigmas));
    }

    [Test]
    public void StraightThroughOnOneWeightedSample_HasTheElbosMean()
    {
        // One sample's bound is the ELBO with a sampled KL, and of log p - log q, which is linear in the code, straight-through's pull-back is exact.
        EstimatorSettings plain = new() { Name = "straight-through" };
        using RepeatedExample elbo = Straight(plain), weighted = Straight(plain with { Objective = ObjectiveKind.Iwae, Samples = 1 });
        Assert.That(weighted.LogitsGradient.LargestZAgainst(elbo.LogitsGradient, Rounding), Is.LessThan(Significance.Sigmas), "logits");
        Assert.That(weighted.PriorGradient.LargestZAgainst(elbo.PriorGradient, Rounding), Is.LessThan(Significance.Sigmas), "prior");

        // The same comparison can tell half of the KL.
        using RepeatedExample half = Straight(plain, 0.5f);
        Assert.That(weighted.LogitsGradient.LargestZAgainst(half.LogitsGradient, Rounding), Is.GreaterThan(Significance.Sigmas));

        RepeatedExample Straight(EstimatorSettings settings, float beta = 1f) =>
            new RepeatedExample(device, settings, Latents, 3, PriorKind.Learned, twoExamples: true, temperature: 1f, beta: beta).Run(Steps);
    }

    [Test]
    public void GumbelRaoOnTheBound_HasStGumbelSoftmaxsMean()
    {
        EstimatorSettings plain = new() { Name = "st-gumbel-softmax", Objective = ObjectiveKind.Iwae, Samples = 2 };
        using RepeatedExample averaged = Bounded(plain with { Name = "gumbel-rao", Draws = 3 }), single = Bounded(plain);
        Assert.That(averaged.LogitsGradient.LargestZAgainst(single.LogitsGradient, Rounding), Is.LessThan(Significance.Sigmas), "logits");
        Assert.That(averaged.ParametersGradient.LargestZAgainst(single.ParametersGradient, Rounding), Is.LessThan(Significance.Sigmas), "parameters");
        Assert.That(averaged.LogitsGradient.TotalVariance, Is.LessThan(single.LogitsGradient.TotalVariance));

        // The same comparison can tell a fifth less.
        Assert.That(
            averaged.LogitsGradient.LargestZAgainst([.. single.LogitsGradient.Mean.Select(value => 0.8 * value)], Rounding),
            Is.GreaterThan(Significance.Sigmas));

        RepeatedExample Bounded(EstimatorSettings settings) =>
            new RepeatedExample(device, settings, Latents, 3, PriorKind.Learned, twoExamples: true).Run(Steps / 3);
    }

    [Test]
    public void SeveralSamples_HaveTheMeanOfOne([Values("straight-through", "reinmax", "gumbel-softmax", "st-gumbel-softmax", "gumbel-rao")] string name)
    {
        EstimatorSettings one = new() { Name = name };
        using RepeatedExample single = new RepeatedExample(device, one, Latents, 3, PriorKind.Uniform, twoExamples: true).Run(Steps);
        using RepeatedExample several = new RepeatedExample(device, one with { Samples = 3 }, Latents, 3, PriorKind.Uniform, twoExamples: true).Run(Steps);
        Assert.That(several.LogitsGradient.LargestZAgainst(single.LogitsGradient, Rounding), Is.LessThan(Significance.Sigmas), "logits");
        Assert.That(several.ParametersGradient.LargestZAgainst(single.ParametersGradient, Rounding), Is.LessThan(Significance.Sigmas), "parameters");
        Assert.That(several.LogitsGradient.TotalVariance, Is.LessThan(single.LogitsGradient.TotalVariance));
    }

    [Test]
    public void BiasedEstimators_AreTold([Values("straight-through", "gumbel-softmax", "st-gumbel-softmax", "gumbel-rao")] string name)
    {
        using RepeatedExample exact = new RepeatedExample(device, Exact, Latents, 3, PriorKind.Uniform, twoExamples: false).Run(1);
        using RepeatedExample sampled = new RepeatedExample(device, new EstimatorSettings { Name = name }, Latents, 3, PriorKind.Uniform, twoExamples: false)
            .Run(Steps / 3);
        Assert.That(sampled.LogitsGradient.LargestZAgainst(exact.LogitsGradient.Mean, Rounding), Is.GreaterThan(Significance.Sigmas));
    }

    [Test]
    public void Variance_FallsFromReinforceToLeaveOneOutToLocalExpectation()
    {
        double[] variances =
        [
            Variance(new EstimatorSettings { Name = "reinforce", Samples = 4, Baseline = BaselineKind.None }),
            Variance(new EstimatorSettings { Name = "reinforce", Samples = 4, Baseline = BaselineKind.LeaveOneOut }),
            Variance(new EstimatorSettings { Name = "local-expectation" }),
        ];
        Assert.That(variances, Is.Ordered.Descending);
    }

    private static TestCaseData Case(string what, int categories, EstimatorSettings settings) =>
        new TestCaseData(settings, categories).SetArgDisplayNames(what);

    private static MultiSampleProblem Problem(ExampleQuantities given, int samples) =>
        new(ByRow.As<double>(given.Posterior), ByRow.As<double>(given.Prior), ByRow.As<double>(given.LogLikelihoods), samples);

    private static double[] Mean(MultiSampleProblem[] problems, Func<MultiSampleProblem, double[]> gradient)
    {
        double[][] each = [.. problems.Select(gradient)];
        return [.. Enumerable.Range(0, each[0].Length).Select(i => each.Average(one => one[i]))];
    }

    private static void Agrees(ColumnMoments sampled, double[] exact, string what) =>
        Assert.That(sampled.LargestZAgainst(exact, Rounding), Is.LessThan(Significance.Sigmas), what);

    private double Variance(EstimatorSettings settings)
    {
        using RepeatedExample sampled = new RepeatedExample(device, settings, Latents, 3, PriorKind.Uniform, twoExamples: false).Run(10);
        return sampled.LogitsGradient.TotalVariance;
    }
}
