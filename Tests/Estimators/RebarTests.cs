using System.Numerics;
using IlgpuVae.Kernels;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.Estimators;

/// <summary>REBAR's and RELAX's pull-back, sample by sample, and the slopes of its squared length with what is tuned.</summary>
public class RebarTests(Target target) : EstimatorSuite(target)
{
    private const int Examples = 5;
    private const float Scale = 0.37f;

    private static readonly float[] Control = [-0.3f, 0.2f];

    // Both sides of 16 columns, where a lane a row becomes a group a row.
    [Test]
    public void PullBack_MatchesFloat64([Values(2, 3, 7, 17, 33)] int k, [Values(1, 3)] int n, [Values(1, 2)] int probes, [Values] bool network)
    {
        (RebarLaunch launch, float[] codes, float[] gaps, float[] relaxed, RebarValues values) = Make(n, k, probes, network);
        float[] initial = Draws.Normal(new Random(7), launch.Logits.Length);
        (float[] grad, float[]? estimate, float[]? slopes) = launch.Backward(values, initial, parts: true);
        Case<double> exact = new(launch, Draws.As<double>(codes), gaps, Draws.As<double>(relaxed), values);
        Case<float> plain = new(launch, codes, gaps, relaxed, values);
        FloatComparison.Verify(estimate!, exact.Estimate(0, launch.Eta), plain.Estimate(0, launch.Eta), "estimate");
        FloatComparison.Verify(
            grad,
            [.. exact.Estimate(0, launch.Eta).Zip(initial, (value, start) => value + start)],
            [.. plain.Estimate(0, launch.Eta).Zip(initial, (value, start) => value + start)],
            "dL/dl");
        if (probes == 2)
            FloatComparison.Verify(slopes!, exact.Slopes(), plain.Slopes(), "slopes");

        // What nobody asks for is not missed.
        FloatComparison.VerifyIdentical(launch.Backward(values, initial, parts: false).LogitsGrad, grad, "without the parts");
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

        FloatComparison.Verify(grad, exact, score);
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

    /// <summary>The whole batch's estimates from the reference, in either precision.</summary>
    private sealed class Case<T>(RebarLaunch launch, T[] codes, float[] gaps, T[] relaxed, RebarValues values)
        where T : struct, IFloatingPointIeee754<T>
    {
        private readonly T[] logits = Draws.As<T>(launch.Logits);

        // Their float64 is exact enough for both: it is the rest whose rounding is of interest.
        private readonly T[][][] conditional = [.. Enumerable.Range(0, launch.Examples * launch.N).Select(row => RebarReference
            .ConditionalJacobian(Draws.As<double>(Draws.Row(launch.Logits, row, launch.K)), Draws.As<double>(Draws.Row(gaps, row, launch.K)))
            .Select(line => line.Select(T.CreateChecked).ToArray()).ToArray())];

        /// <summary>The gradient of -scale E[f] from a probe, [B, N K].</summary>
        internal T[] Estimate(int probe, double eta) => [.. Enumerable.Range(0, launch.Examples * launch.N).SelectMany(row => Variable(row, probe, eta))];

        /// <summary>d |h|^2 / d eta by differences, which are exact for a quadratic, and 2 h dh / d log t with dh over the step of log t.</summary>
        internal T[] Slopes()
        {
            T step = T.CreateChecked(0.25), two = T.CreateChecked(2);
            return [.. Enumerable.Range(0, launch.Examples * launch.N).SelectMany(row => new[]
            {
                (Square(Variable(row, 0, launch.Eta + 0.25)) - Square(Variable(row, 0, launch.Eta - 0.25))) / (two * step),
                two * (
                    Inner(
                        Variable(row, 0, launch.Eta),
                        Variable(row, 1, launch.Eta)) - Square(Variable(row, 0, launch.Eta))) / T.CreateChecked((double)Rebar.TemperatureStep),
            })];
        }

        private static T Inner(T[] a, T[] b) => EstimatorReference.Sum(a.Zip(b, (x, y) => x * y));

        private static T Square(T[] h) => Inner(h, h);

        private T[] Variable(int row, int probe, double eta)
        {
            int example = row / launch.N, probeRow = (example * launch.Probes) + probe, k = launch.K;
            T scale = T.CreateChecked(eta);
            int start = (probeRow * launch.N) + (row % launch.N);
            T[] g = [.. Draws.Row(values.ProbesGrad, start, k).Select(value => scale * T.CreateChecked(value))];
            T c = scale * T.CreateChecked(values.ProbeF[probeRow]);
            if (values is { R: { } r, RGrad: { } rGrad })
            {
                g = [.. g.Zip(Draws.Row(rGrad, start, k), (value, added) => value + T.CreateChecked(added))];
                c += T.CreateChecked(r[probeRow]);
            }

            T[] estimate = RebarReference.Estimate(
                Draws.Row(logits, row, k),
                Draws.Row(codes, row, k),
                Draws.Row(relaxed, start, k),
                T.CreateChecked(values.F[example]) - c,
                g,
                T.CreateChecked(launch.TemperatureOf(probe)),
                conditional[row]);
            return [.. estimate.Select(value => -T.CreateChecked(launch.Scale) * value)];
        }
    }
}
