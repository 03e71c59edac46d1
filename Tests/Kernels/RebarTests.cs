using IlgpuVae.Kernels;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>REBAR's and RELAX's pull-back where it is plain what it has to be, and the closed forms that <see cref="RowKernelSuite"/> holds it to.</summary>
public class RebarTests(Target target) : AcceleratorSuite(target)
{
    private const int Examples = 5;
    private const float Scale = 0.37f;

    private static readonly float[] Control = [-0.3f, 0.2f];

    /// <summary>The closed forms that kernels are held to are what the definitions' differences give.</summary>
    [Test]
    public void Reference_ClosedFormsAreTheDifferences([Values(2, 3, 7)] int k, [Values(0.3, 1.7)] double t)
    {
        Random random = new((13 * k) + 1);
        double[] logits = Draws.As<double>(Draws.Normal(random, k, 1.5));
        double[] scores = [.. Draws.As<double>(Draws.Normal(random, k, 2)).Zip(logits, (g, l) => g + l)];
        if (k > 2)
            logits[1] = scores[1] = double.NegativeInfinity;
        double[] gaps = [.. scores.Select(score => score - scores.Max())], y = EstimatorReference.Softmax(gaps, t);
        double[] g = Draws.As<double>(Draws.Normal(random, k));
        double[] code = [.. gaps.Select(gap => gap == 0 ? 1.0 : 0)];
        double[] estimate = RebarReference.Estimate(logits, code, y, 0, g, t, RebarReference.ConditionalJacobian(logits, gaps));
        Assert.That(RebarReference.Pull(logits, gaps, y, g, t), Is.EqualTo(estimate).Within(1e-9));
        Assert.That(RebarReference.ClosedDirection(logits, gaps, y, g, t), Is.EqualTo(RebarReference.Direction(logits, gaps, g, t)).Within(1e-9));
    }

    [Test]
    public void EstimateOfAMaskedCategory_IsZero([Values(3, 17)] int k)
    {
        (RebarLaunch launch, _, _, _, RebarValues values) = Make(3, k, 2, network: true);
        float[] estimate = launch.Backward(values, new float[launch.Logits.Length], parts: true).Estimate!;
        Assert.That(launch.Logits.Zip(estimate).Where(pair => float.IsNegativeInfinity(pair.First)).Select(pair => pair.Second), Is.Not.Empty.And.All.Zero);
        Assert.That(estimate, Is.All.Matches<float>(float.IsFinite));
    }

    [Test]
    public void WithoutControlVariate_ItIsTheScoreFunction([Values(3, 17)] int k)
    {
        const int N = 2;
        float[] logits = BatchLogits(N, k);
        RebarLaunch launch = new(Device, Arena, logits, N, k, 1) { InitialScale = 0.3f, Control = Control, Scale = Scale };
        (float[] codes, _, float[] relaxed) = launch.Draw(2, 137);
        RebarValues values = Values(launch, relaxed, false);
        float[] grad = launch.Backward(values, new float[logits.Length], parts: false).LogitsGrad;
        float[] score = new float[logits.Length];
        double[] exact = new double[logits.Length];
        for (int row = 0; row < Examples * N; row++)
        {
            (float[] l, float[] b) = (Draws.Row(logits, row, k), Draws.Row(codes, row, k));
            EstimatorReference.Score(l, b, -Scale * values.F[row / N]).CopyTo(score, row * k);
            EstimatorReference.Score(Draws.As<double>(l), Draws.As<double>(b), -(double)Scale * values.F[row / N]).CopyTo(exact, row * k);
        }

        // z - q, as good as a probability near 1, times f.
        double[] sizes = [.. Enumerable.Range(0, Examples * N).Select(row => (double)Scale * Math.Abs(values.F[row / N]))];
        Tolerance.Check("dL/dl", grad, exact, score, k, sizes);
    }

    // The last variable is nearly decided, and where there are three of them the second has a masked category.
    private static float[] BatchLogits(int n, int k)
    {
        float[] logits = Draws.Normal(new Random((13 * k) + n), Examples * n * k, 1.5);
        for (int example = 0; example < Examples; example++)
        {
            if (n > 2 && k > 2)
                logits[(((example * n) + 1) * k) + 1] = float.NegativeInfinity;
            if (n > 1)
                logits[((example * n) + n - 1) * k] = 9f;
        }

        return logits;
    }

    private static RebarValues Values(RebarLaunch launch, float[] relaxed, bool network)
    {
        Random random = new(149);
        int rows = launch.Examples * launch.Probes;
        return new RebarValues(
            Draws.Normal(random, launch.Examples, 4),
            Draws.Normal(random, rows, 4),
            Draws.Normal(random, relaxed.Length, 3),
            network ? Draws.Normal(random, rows, 2) : null,
            network ? Draws.Normal(random, relaxed.Length) : null);
    }

    private (RebarLaunch Launch, float[] Codes, float[] Gaps, float[] Relaxed, RebarValues Values) Make(int n, int k, int probes, bool network)
    {
        RebarLaunch launch = new(Device, Arena, BatchLogits(n, k), n, k, probes) { InitialScale = 0.9f, Control = Control, Temperature = 0.6f, Scale = Scale };
        (float[] codes, float[] gaps, float[] relaxed) = launch.Draw(2, 137);
        return (launch, codes, gaps, relaxed, Values(launch, relaxed, network));
    }
}
