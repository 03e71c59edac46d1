using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.Estimators;

/// <summary>
/// What the single-sample pull-backs amount to in expectation, by enumerating the sample: the score function is exact for any loss, straight-through for linear
/// ones, ReinMax for quadratic ones. Row k of a launch is the outcome k.
/// </summary>
public class OneVariableExpectationTests(Target target) : EstimatorSuite(target)
{
    private static IEnumerable<float[]> Unmasked => Logits.Where(logits => logits.All(float.IsFinite));

    [Test]
    public void ScoreFunction_IsExactForAnyLoss([ValueSource(nameof(Logits))] float[] logits)
    {
        float[] f = Draws.Normal(new Random(41), logits.Length, 3);
        Outcomes.Verify(ScoreFunctionMean(logits, f), Exact(logits, f), Largest(f));
    }

    [Test]
    public void LeaveOneOut_IsExact_AndWithItsOwnSampleInTheMeanIsNot([ValueSource(nameof(Unmasked))] float[] logits, [Values(2, 3)] int samples)
    {
        int k = logits.Length;
        float[] f = Draws.Normal(new Random(43), k, 3);
        int[][] outcomes = Outcomes.All(samples, k);
        Matrix advantages = Arena.Matrix(outcomes.Length * samples, 1, MemoryUse.Activations);
        Matrix values = Upload([.. outcomes.SelectMany(outcome => outcome).Select(category => f[category])], advantages.Rows, 1);
        Run(list => Baseline.LeaveOneOut(list, values, advantages, samples));
        double[] exact = Exact(logits, f);
        Outcomes.Verify(SampledMean(logits, outcomes, advantages), exact, 2 * Largest(f));

        float[] biased = [.. outcomes.SelectMany(outcome => outcome.Select(category => f[category] - outcome.Average(other => f[other])))];
        Device.Upload<float>(advantages.View, biased);
        if (Largest(exact) > 1e-2)
            Outcomes.VerifyRejected(SampledMean(logits, outcomes, advantages), exact, 2 * Largest(f), "a baseline that depends on the sample");
    }

    [Test]
    public void StraightThrough_IsExactForLinearLosses([ValueSource(nameof(Logits))] float[] logits)
    {
        float[] slope = Draws.Normal(new Random(47), logits.Length);
        double[] actual = StraightThroughMean(StraightThroughRule.Plain, logits, _ => slope);
        Outcomes.Verify(actual, Exact(logits, slope), Largest(slope));
    }

    [Test]
    public void ReinMax_IsExactForQuadraticLosses([ValueSource(nameof(Logits))] float[] logits)
    {
        (float[] f, float[][] gradient) = Quadratic(logits.Length);
        double[] actual = StraightThroughMean(StraightThroughRule.ReinMax, logits, k => gradient[k]);
        Outcomes.Verify(actual, Exact(logits, f), gradient.Max(Largest));
    }

    [Test]
    public void BiasedRules_AreRejected([ValueSource(nameof(Unmasked))] float[] logits)
    {
        (float[] f, float[][] gradient) = Quadratic(logits.Length);
        double[] exact = Exact(logits, f);
        Assume.That(logits.Max() - logits.Min(), Is.Positive);
        if (Largest(exact) <= 1e-2)
            return;
        double magnitude = gradient.Max(Largest);
        double[] reinMax = StraightThroughMean(StraightThroughRule.ReinMax, logits, k => gradient[k]);
        double[] plain = StraightThroughMean(StraightThroughRule.Plain, logits, k => gradient[k]);
        Outcomes.VerifyRejected(plain, exact, magnitude, "straight-through on a quadratic loss");

        // 2 J(pi_1)^T g - J(pi_0)^T g: ReinMax without the factor 1/2.
        Outcomes.VerifyRejected([.. reinMax.Zip(plain, (whole, first) => whole - (0.5 * first))], exact, magnitude, "ReinMax without its 1/2");
        double[] warm = StraightThroughMean(StraightThroughRule.ReinMax, logits, k => gradient[k], 1.5f);
        Outcomes.VerifyRejected(warm, exact, magnitude, "ReinMax at another temperature than 1");
    }

    private static double[] Exact(float[] logits, float[] f) => Outcomes.Gradient([Probabilities(logits)], outcome => f[outcome[0]]);

    private static double[] Probabilities(float[] logits) => EstimatorReference.Softmax(ByRow.As<double>(logits));

    private static double Largest(float[] values) => values.Max(Math.Abs);

    private static double Largest(double[] values) => values.Max(Math.Abs);

    // f(z) = 1/2 z^T A z + c^T z at the corners, and its gradient A z + c there.
    private static (float[] F, float[][] Gradient) Quadratic(int k)
    {
        Random random = new(53);
        float[] root = Draws.Normal(random, k * k), c = Draws.Normal(random, k);
        float[][] a = [.. Enumerable.Range(0, k).Select(i => Enumerable.Range(0, k).Select(j => root[(i * k) + j] + root[(j * k) + i]).ToArray())];
        return ([.. c.Select((slope, i) => (0.5f * a[i][i]) + slope)], [.. a.Select(row => row.Zip(c, (x, y) => x + y).ToArray())]);
    }

    private static float[] Repeat(float[] row, int count) => [.. Enumerable.Repeat(row, count).SelectMany(values => values)];

    private double[] ScoreFunctionMean(float[] logits, float[] f)
    {
        int k = logits.Length;
        return SampledMean(logits, Outcomes.All(1, k), Upload(f, k, 1));
    }

    // Every outcome of the samples is an example; the mean over samples, so the scale is 1 / S and its sign turns the loss into f.
    private double[] SampledMean(float[] logits, int[][] outcomes, Matrix advantages)
    {
        (int k, int samples) = (logits.Length, outcomes[0].Length);
        float[] codes = [.. outcomes.SelectMany(outcome => Outcomes.OneHot(outcome, k))];
        float[] rows = Result(
            outcomes.Length,
            k,
            (list, grad) => ScoreFunction.Backward(list, UploadCodes(codes, 1, k), advantages, Upload(logits, 1, k), grad, -1f / samples, accumulate: false));
        double[][] q = [.. Enumerable.Repeat(Probabilities(logits), samples)];
        return Outcomes.Mean(outcomes, outcome => Outcomes.Probability(outcome, q), (_, row) => ByRow.As<double>(ByRow.Row(rows, row, k)));
    }

    private double[] StraightThroughMean(StraightThroughRule rule, float[] logits, Func<int, float[]> gradient, float temperature = 1f)
    {
        int k = logits.Length;
        int[][] outcomes = Outcomes.All(1, k);
        Codes codes = UploadCodes([.. outcomes.SelectMany(outcome => Outcomes.OneHot(outcome, k))], 1, k);
        Matrix g = Upload([.. Enumerable.Range(0, k).SelectMany(gradient)], k, k);
        float[] rows = Result(
            k,
            k,
            (list, grad) =>
                StraightThrough.Backward(
                    list, rule, Upload(new StepState { Scheduled = { Temperature = temperature } }), Upload(Repeat(logits, k), k, k), codes, g, grad),
            new float[k * k]);
        return Outcomes.Mean(outcomes, outcome => Probabilities(logits)[outcome[0]], (_, row) => ByRow.As<double>(ByRow.Row(rows, row, k)));
    }
}
