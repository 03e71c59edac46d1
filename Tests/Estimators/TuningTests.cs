using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Estimators;

namespace IlgpuVae.Tests.Estimators;

/// <summary>
/// What estimators learn beside the model lowers the variance of the logits' gradient and leaves its mean: from bad settings, in whole training steps with the
/// model held still.
/// </summary>
[TestFixtureSource(typeof(Target), nameof(Target.Best))]
public sealed class TuningTests(Target target) : IDisposable
{
    private const int Latents = 2;
    private const int Categories = 3;
    private const int Tuning = 300;
    private const int Measured = 60;
    private const double Rounding = 4e-6;

    private static readonly EstimatorSettings MovingAverage = new() { Name = "reinforce", Samples = 1, Baseline = BaselineKind.MovingAverage };

    private static readonly object[] BadStarts =
    [
        new TestCaseData(new EstimatorSettings { Name = "rebar", ControlScale = 2, ControlRate = 0.02 }, 0.8f).SetArgDisplayNames("rebar, eta = 2"),
        new TestCaseData(new EstimatorSettings { Name = "rebar", ControlScale = 0, ControlRate = 0.02 }, 0.8f).SetArgDisplayNames("rebar, eta = 0"),
        new TestCaseData(new EstimatorSettings { Name = "rebar", ControlScale = 1, ControlRate = 0.02 }, 5f).SetArgDisplayNames("rebar, t = 5"),
        new TestCaseData(new EstimatorSettings { Name = "rebar", ControlScale = 1, ControlRate = 0.02 }, 0.1f).SetArgDisplayNames("rebar, t = 0.1"),
        new TestCaseData(new EstimatorSettings { Name = "relax", ControlScale = 0, ControlRate = 0.02, ControlNetwork = [16] }, 0.8f)
            .SetArgDisplayNames("relax, eta = 0"),
        new TestCaseData(new EstimatorSettings { Name = "relax", ControlScale = 1, ControlRate = 0.02, ControlNetwork = [16] }, 3f)
            .SetArgDisplayNames("relax, t = 3"),
    ];

    private readonly ComputeDevice device = target.Open();

    [OneTimeTearDown]
    public void Dispose() => device.Dispose();

    [TestCaseSource(nameof(BadStarts))]
    public void Tuning_LowersTheVarianceAndKeepsTheMean(EstimatorSettings settings, float temperature)
    {
        double start = Statistics(settings with { Tuned = false, ControlRate = settings.Name == "rebar" ? settings.ControlRate : 1e-30 }, temperature, 0)
            .TotalVariance;
        ColumnMoments tuned = Statistics(settings, temperature, Tuning);
        Assert.That(tuned.TotalVariance, Is.LessThan(0.9 * start));
        Assert.That(tuned.TotalVariance, Is.LessThan(Statistics(MovingAverage, 1f, 20).TotalVariance));
        Assert.That(tuned.LargestZAgainst(Exact(), Rounding), Is.LessThan(Significance.Sigmas));
    }

    [Test]
    public void TunedTemperature_HasItsOwnShare()
    {
        using RepeatedExample run = Repeat(new EstimatorSettings { Name = "rebar", ControlRate = 0.02 }, 5f).Tune(Tuning);
        float[] control = run.Auxiliary;
        double tuned = run.Run(Measured).LogitsGradient.TotalVariance;
        EstimatorSettings sameScale = new() { Name = "rebar", Tuned = false, ControlScale = 1 + control[0] };
        Assert.That(control[1], Is.Negative);
        Assert.That(tuned, Is.LessThan(0.98 * Statistics(sameScale, 5f, 0).TotalVariance));
    }

    [Test]
    public void RelaxsNetwork_HasItsOwnShare()
    {
        EstimatorSettings settings = new() { Name = "relax", ControlScale = 0, Tuned = false, ControlNetwork = [16], ControlRate = 0.02 };
        double trained = Statistics(settings, 0.8f, Tuning).TotalVariance;
        Assert.That(trained, Is.LessThan(0.9 * Statistics(settings with { ControlRate = 1e-30 }, 0.8f, 0).TotalVariance));
    }

    [Test]
    public void Baselines_LowerTheVarianceInTheOrderOfWhatTheyKnow()
    {
        EstimatorSettings two = new() { Name = "reinforce", Samples = 2, Baseline = BaselineKind.None };
        Assert.That(
            Statistics(two with { Baseline = BaselineKind.LeaveOneOut }, 1f, 0).TotalVariance,
            Is.LessThan(0.9 * Statistics(two, 1f, 0).TotalVariance));
        Assert.That(
            Statistics(MovingAverage, 1f, 20).TotalVariance,
            Is.LessThan(0.9 * Statistics(MovingAverage with { Baseline = BaselineKind.None }, 1f, 0).TotalVariance));
    }

    [Test]
    public void LearnedBaseline_IsBetterThanOneNumberForAllExamples()
    {
        EstimatorSettings learned = MovingAverage with { Baseline = BaselineKind.Learned, ControlNetwork = [8], ControlRate = 0.02 };
        using RepeatedExample averaged = Repeat(MovingAverage, 1f, twoExamples: true).Tune(20).Run(Measured);
        using RepeatedExample network = Repeat(learned, 1f, twoExamples: true).Tune(Tuning).Run(Measured);
        Assert.That(network.LogitsGradient.TotalVariance, Is.LessThan(0.95 * averaged.LogitsGradient.TotalVariance));
        using RepeatedExample whole = Repeat(new EstimatorSettings { Name = "exact" }, 1f, twoExamples: true).Run(1);
        Assert.That(network.LogitsGradient.LargestZAgainst(whole.LogitsGradient.Mean, Rounding), Is.LessThan(Significance.Sigmas));
    }

    private double[] Exact()
    {
        using RepeatedExample run = Repeat(new EstimatorSettings { Name = "exact" }, 1f).Run(1);
        return run.LogitsGradient.Mean;
    }

    private ColumnMoments Statistics(EstimatorSettings settings, float temperature, int tuning)
    {
        using RepeatedExample run = Repeat(settings, temperature).Tune(tuning).Run(Measured);
        return run.LogitsGradient;
    }

    private RepeatedExample Repeat(EstimatorSettings settings, float temperature, bool twoExamples = false) =>
        new(device, settings, Latents, Categories, PriorKind.Uniform, twoExamples, temperature);
}
