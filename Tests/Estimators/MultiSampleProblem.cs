using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.Estimators;

/// <summary>The expected multi-sample bound E[log (1 / S) sum_s w_s] of one variable in float64, summed over all K^S outcomes of the samples.</summary>
public sealed class MultiSampleProblem
{
    private readonly int k, samples;
    private readonly double[] logLikelihoods;

    /// <summary>For samples from softmax(posterior); posterior and prior logits and log p(x | z) of each category.</summary>
    public MultiSampleProblem(double[] posterior, double[] prior, double[] logLikelihoods, int samples)
    {
        k = posterior.Length;
        this.samples = samples;
        this.logLikelihoods = logLikelihoods;
        Posterior = posterior;
        Prior = prior;
        All = [.. Estimators.Outcomes.All(samples, k).Where(outcome => outcome.All(category => double.IsFinite(posterior[category])))];
        Magnitude = LogWeights(posterior, prior).Where(double.IsFinite).Max(Math.Abs) + Math.Log(samples);
    }

    /// <summary>The posterior's logits.</summary>
    public double[] Posterior { get; }

    /// <summary>The prior's logits.</summary>
    public double[] Prior { get; }

    /// <summary>The outcomes that have a probability at all.</summary>
    public IReadOnlyList<int[]> All { get; }

    /// <summary>Size of the numbers in the sum.</summary>
    public double Magnitude { get; }

    /// <summary>dE/dl of the posterior's logits, by finite differences.</summary>
    public double[] PosteriorGradient => Differences(Posterior, logits => ExpectedBound(logits, Prior));

    /// <summary>dE/dl of the prior's logits, by finite differences.</summary>
    public double[] PriorGradient => Differences(Prior, logits => ExpectedBound(Posterior, logits));

    /// <summary>The expected bound itself.</summary>
    public double Bound => ExpectedBound(Posterior, Prior);

    /// <summary>The probability of an outcome.</summary>
    public double Probability(int[] outcome) => Probability(outcome, EstimatorReference.Softmax(Posterior));

    private static double Probability(int[] outcome, double[] q) => outcome.Aggregate(1.0, (product, category) => product * q[category]);

    private double[] LogWeights(double[] posterior, double[] prior)
    {
        double q = SoftmaxReference.LogSumExp(posterior), p = SoftmaxReference.LogSumExp(prior);
        return [.. logLikelihoods.Select((f, i) => f + (prior[i] - p) - (posterior[i] - q))];
    }

    private double ExpectedBound(double[] posterior, double[] prior)
    {
        double[] q = EstimatorReference.Softmax(posterior), logWeights = LogWeights(posterior, prior);
        return All.Sum(
            outcome => Probability(outcome, q) * (SoftmaxReference.LogSumExp([.. outcome.Select(category => logWeights[category])]) - Math.Log(samples)));
    }

    // Central differences with one step of Richardson's extrapolation.
    private static double[] Differences(double[] logits, Func<double[], double> f)
    {
        return [.. logits.Select((l, i) => double.IsFinite(l) ? ((4 * Central(i, 1e-3)) - Central(i, 2e-3)) / 3 : 0)];

        double Central(int at, double h) => (f(Moved(at, h)) - f(Moved(at, -h))) / (2 * h);

        double[] Moved(int at, double h) => [.. logits.Select((l, i) => i == at ? l + h : l)];
    }
}
