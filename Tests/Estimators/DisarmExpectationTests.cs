using IlgpuVae.Kernels;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.Estimators;

/// <summary>DisARM in expectation over its uniform numbers, interval by interval, and the pairs that its sampler draws.</summary>
public class DisarmExpectationTests(Target target) : EstimatorSuite(target)
{
    private static readonly float[][] Phis =
    [
        [0.8f],
        [-0.3f],
        [0f],
        [14f],
        [-14f],
        [float.NegativeInfinity],
        [0.4f, -1.3f],
        [0.4f, 12f, -0.7f],
    ];

    [Test]
    public void Expectation_IsExactForAnyLoss([ValueSource(nameof(Phis))] float[] phis)
    {
        float[] f = Draws.Normal(new Random(59), 1 << phis.Length, 3);
        double magnitude = f.Max(Math.Abs);
        double[] exact = Outcomes.Gradient([.. phis.Select(phi => new[] { 1 - Sigmoid(phi), Sigmoid(phi) })], outcome => f[Index(outcome)]);
        double[] actual = Expectation(phis, f);
        Outcomes.Verify(actual, exact, magnitude);

        // 1/2 (f(b) - f(b')) (b - b'), leave-one-out as if the two were independent, lacks the factor s(|phi|).
        if (exact.Max(Math.Abs) > 1e-2)
            Outcomes.VerifyRejected(
                [.. actual.Select((value, i) => value / Sigmoid(Math.Abs(phis[i / 2])))], exact, magnitude, "leave-one-out of a coupled pair");
    }

    [Test]
    public void Sampler_DrawsAntitheticPairs([Values(0.8f, -1.7f, 0f, float.NegativeInfinity)] float phi)
    {
        const int Examples = 4000;
        float[] logits = [.. Enumerable.Range(0, 2 * Examples).SelectMany(_ => float.IsFinite(phi) ? new[] { 0.25f, phi + 0.25f } : [0.25f, phi])];
        float[] codes = ResultCodes(
            2 * Examples, 2, 2, (list, pairs) => Disarm.Sample(list, Upload(new StepState { Step = 3 }), Upload(logits, Examples, 4), pairs, seed: 61));
        long[] counts = new long[4];
        for (int example = 0; example < Examples; example++)
        {
            for (int variable = 0; variable < 2; variable++)
            {
                float[] first = ByRow.Row(codes, (4 * example) + variable, 2), second = ByRow.Row(codes, (4 * example) + 2 + variable, 2);
                counts[(2 * (int)first[1]) + (int)second[1]]++;
            }
        }

        // u and 1 - u are both below s(phi), both above it, or one of each.
        double p = Sigmoid(phi), one = Math.Min(p, 1 - p), both = Math.Abs(1 - (2 * p));
        double[] probabilities = [p < 0.5 ? both : 0, one, one, p > 0.5 ? both : 0];
        Assert.That(Significance.ChiSquare(counts, probabilities), Is.GreaterThan(Significance.Alpha));
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static int Index(int[] bits) => bits.Aggregate(0, (index, bit) => (2 * index) + bit);

    // u falls below min(p, 1 - p): (1, 0); above 1 - min: (0, 1); between them both agree.
    private static (double Probability, int First, int Second)[] Intervals(double p)
    {
        double one = Math.Min(p, 1 - p);
        int middle = p > 0.5 ? 1 : 0;
        return [(one, 1, 0), (one, 0, 1), (1 - (2 * one), middle, middle)];
    }

    private double[] Expectation(float[] phis, float[] f)
    {
        int n = phis.Length;
        (double Probability, int First, int Second)[][] intervals = [.. phis.Select(phi => Intervals(Sigmoid(phi)))];
        (double Probability, int[] First, int[] Second)[] pairs = [.. Outcomes.All(n, 3).Select(choice => (
            choice.Select((interval, i) => intervals[i][interval].Probability).Aggregate(1.0, (product, p) => product * p),
            choice.Select((interval, i) => intervals[i][interval].First).ToArray(),
            choice.Select((interval, i) => intervals[i][interval].Second).ToArray()))];
        float[] codes = [.. pairs.SelectMany(pair => Outcomes.OneHot(pair.First, 2).Concat(Outcomes.OneHot(pair.Second, 2)))];
        float[] values = [.. pairs.SelectMany(pair => new[] { f[Index(pair.First)], f[Index(pair.Second)] })];
        float[] logits = [.. pairs.SelectMany(_ => phis.SelectMany(phi => new[] { 0f, phi }))];
        float[] rows = Result(
            pairs.Length,
            2 * n,
            (list, grad) => Disarm.Backward(
                list, UploadCodes(codes, n, 2), Upload(values, 2 * pairs.Length, 1), Upload(logits, pairs.Length, 2 * n), grad, -1f),
            new float[pairs.Length * 2 * n]);
        return Outcomes.Mean(pairs, pair => pair.Probability, (_, row) => ByRow.As<double>(ByRow.Row(rows, row, 2 * n)));
    }
}
