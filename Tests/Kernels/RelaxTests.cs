using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Estimators;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>
/// The rows that train RELAX's network: their directions, their weights, and that together they give the gradient of the estimate's squared length.
/// </summary>
public class RelaxTests(Target target) : AcceleratorSuite(target)
{
    private const int Examples = 4;
    private const float Scale = 0.4f;

    // At most this far are y +- eps d from y in any probability: what the finite difference of the whole is small against.
    private const double LargestChange = 0.02;

    [Test]
    public void TrainingRows_AreTheSampleAndTwoStepsFromIt([Values(2, 3, 10, 17)] int k, [Values(1, 3, 20)] int n, [Values(1, 2)] int probes)
    {
        (RebarLaunch launch, _, _, float[] relaxed) = Draw(n, k, probes, 0.6f);
        (float[] directions, float[] parts, float[] rows, float[] weights) = Train(launch, Draws.Normal(new Random(167), launch.Logits.Length));
        int width = n * k;
        for (int example = 0; example < Examples; example++)
        {
            float[] y = ByRow.Row(relaxed, example * probes, width), d = ByRow.Row(directions, example, width);
            Repetition.VerifyBits(ByRow.Row(rows, 3 * example, width), y, "the sample itself");
            double[] scores = [.. Enumerable.Range(example * n, n).Select(row => (double)parts[2 * row])];
            Outcomes.Verify([weights[3 * example]], [Scale * scores.Sum()], Scale * scores.Sum(Math.Abs), "weight of the sample");

            // The step is the kernel's business within its bound; the weights have to fit it.
            double eps = -Scale / (2.0 * weights[(3 * example) + 1]);
            Assert.That(weights[(3 * example) + 2], Is.EqualTo(-weights[(3 * example) + 1]));
            Assert.That(eps, Is.Positive);
            Assert.That(eps * d.Max(Math.Abs), Is.LessThanOrEqualTo(LargestChange * (1 + 1e-6)));
            Tolerance.CheckRounded("one way", ByRow.Row(rows, (3 * example) + 1, width), [.. y.Zip(d, (a, b) => a + (eps * b))], width);
            Tolerance.CheckRounded("the other way", ByRow.Row(rows, (3 * example) + 2, width), [.. y.Zip(d, (a, b) => a - (eps * b))], width);
        }
    }

    [Test]
    public void NoDirection_GivesFiniteWeights()
    {
        (RebarLaunch launch, _, _, _) = Draw(2, 3, 1, 1f);
        (float[] directions, _, float[] rows, float[] weights) = Train(launch, new float[launch.Logits.Length]);
        Assert.That(directions, Is.All.Zero);
        Assert.That(rows.Concat(weights), Is.All.Matches<float>(float.IsFinite));
        for (int example = 0; example < Examples; example++)
            Assert.That((double)weights[(3 * example) + 1] + weights[(3 * example) + 2], Is.Zero);
    }

    // At a low temperature a relaxed sample can be so close to a corner that all its slopes are the smallest of numbers, or too small for one.
    [Test]
    public void TinyDirections_GiveFiniteRows([Values(0.05f, 0.1f)] float temperature)
    {
        const int K = 2, Many = 3000;
        float[] logits = Draws.Normal(new Random(181), Many * K, 3);
        RebarLaunch launch = new(Device, Arena, logits, 1, K, 1) { Temperature = temperature, Scale = Scale };
        _ = launch.Draw(1, 157);
        (_, _, float[] rows, float[] weights) = Train(launch, Draws.Normal(new Random(167), logits.Length));
        string[] faults = [.. Enumerable.Range(0, 3 * Many)
            .Where(row => !float.IsFinite(weights[row]) || !ByRow.Row(rows, row, K).All(float.IsFinite))
            .Select(row => $"[{string.Join(", ", ByRow.Row(rows, row, K))}] of weight {weights[row]}")];
        Assert.That(faults, Is.Empty, $"{faults.Length} of {3 * Many} rows");
    }

    [Test]
    public void WeightedRows_GiveTheGradientOfTheSquaredEstimate([Values(2, 3, 17)] int k, [Values(1, 2)] int n)
    {
        (RebarLaunch launch, float[] codes, float[] gaps, float[] relaxed) = Draw(n, k, 1, 0.7f);
        int width = n * k;
        Random random = new(173);
        SmoothFunction f = SmoothFunction.Random(width, random);
        double[] phi = ByRow.As<double>(Draws.Normal(random, SmallNetwork.Length(width), 0.6));
        double[][] y = [.. Enumerable.Range(0, Examples).Select(example => ByRow.As<double>(ByRow.Row(relaxed, example, width)))];
        RebarValues values = Evaluate(f, codes, y, phi);
        float[] estimate = launch.Backward(values, new float[launch.Logits.Length], parts: true).Estimate!;
        (_, _, float[] rows, float[] weights) = Train(launch, estimate);
        double[] actual = new double[phi.Length];
        for (int row = 0; row < 3 * Examples; row++)
        {
            double[] part = SmallNetwork.ParametersGradient(phi, ByRow.As<double>(ByRow.Row(rows, row, width)));
            for (int i = 0; i < phi.Length; i++)
                actual[i] += weights[row] * part[i];
        }

        double[][][] conditional = [.. Enumerable.Range(0, Examples * n).Select(row =>
            RebarReference.ConditionalJacobian(ByRow.As<double>(ByRow.Row(launch.Logits, row, k)), ByRow.As<double>(ByRow.Row(gaps, row, k))))];
        double[] exact = CentralDifference.Gradient(point => HalfSquare(launch, codes, y, values, conditional, point), phi);

        // The rows' own step leaves a third-order term, and float32's y +- eps d about 1e-7 / eps.
        double size = exact.Max(Math.Abs);
        double[] errors = [.. actual.Zip(exact, (a, e) => Math.Abs(a - e))];
        Assert.That(
            errors.Max(), Is.LessThan(2 * LargestChange * LargestChange * size), $"[{string.Join(", ", actual)}] instead of [{string.Join(", ", exact)}]");

        // Without the sample's own row, which is the score's part, it is another gradient.
        double[] partial = [.. actual];
        for (int example = 0; example < Examples; example++)
        {
            double[] part = SmallNetwork.ParametersGradient(phi, y[example]);
            for (int i = 0; i < phi.Length; i++)
                partial[i] -= weights[3 * example] * part[i];
        }

        Assert.That(partial.Zip(exact, (a, e) => Math.Abs(a - e)).Max(), Is.GreaterThan(0.05 * size));
    }

    private static RebarValues Evaluate(SmoothFunction f, float[] codes, double[][] y, double[] phi)
    {
        int width = y[0].Length;
        float[] hard = [.. Enumerable.Range(0, y.Length).Select(example => (float)f.Value(ByRow.As<double>(ByRow.Row(codes, example, width)), default))];
        double[] gradient = new double[y.Length * width];
        float[] soft = [.. y.Select((row, example) => (float)f.Value(row, gradient.AsSpan(example * width, width)))];
        return new RebarValues(
            hard,
            soft,
            Draws.Round(gradient),
            [.. y.Select(row => (float)SmallNetwork.Value(phi, row))],
            [.. y.SelectMany(row => Draws.Round(SmallNetwork.CodeGradient(phi, row)))]);
    }

    // Sum over the batch of |h|^2 / 2 with h = -(1 / B) times the estimate, as the network's parameters move r and its gradient.
    private static double HalfSquare(RebarLaunch launch, float[] codes, double[][] y, RebarValues values, double[][][] conditional, double[] phi)
    {
        (int n, int k) = (launch.N, launch.K);
        double sum = 0;
        for (int row = 0; row < conditional.Length; row++)
        {
            int example = row / n, start = row % n * k;
            double[] r = SmallNetwork.CodeGradient(phi, y[example]);
            double[] g = [.. Enumerable.Range(start, k).Select(i => (launch.Eta * values.ProbesGrad[(example * n * k) + i]) + r[i])];
            double[] h = RebarReference.Estimate(
                ByRow.As<double>(ByRow.Row(launch.Logits, row, k)),
                ByRow.As<double>(ByRow.Row(codes, row, k)),
                y[example][start..(start + k)],
                values.F[example] - (launch.Eta * values.ProbeF[example]) - SmallNetwork.Value(phi, y[example]),
                g,
                launch.TemperatureOf(0),
                conditional[row]);
            sum += h.Sum(value => value * value);
        }

        return sum * Scale * Scale / 2;
    }

    private (RebarLaunch Launch, float[] Codes, float[] Gaps, float[] Relaxed) Draw(int n, int k, int probes, float temperature)
    {
        float[] logits = Draws.Normal(new Random((11 * k) + n), Examples * n * k);
        if (n > 2 && k > 2)
            logits[1] = logits[k] = float.NegativeInfinity;
        RebarLaunch launch = new(Device, Arena, logits, n, k, probes)
        {
            Temperature = temperature,
            InitialScale = 0.8f,
            Control = [0.1f, -0.2f],
            Scale = Scale,
        };
        (float[] codes, float[] gaps, float[] relaxed) = launch.Draw(1, 157);
        return (launch, codes, gaps, relaxed);
    }

    private (float[] Directions, float[] Parts) Directions(RebarLaunch launch, float[] v)
    {
        (float[] directions, float[] parts, _, _) = Train(launch, v);
        return (directions, parts);
    }

    private (float[] Directions, float[] Parts, float[] Rows, float[] Weights) Train(RebarLaunch launch, float[] v)
    {
        int width = launch.N * launch.K;
        GuardedMatrix directions = new(Device, Arena, launch.Examples, width), parts = new(Device, Arena, launch.Examples * launch.N, 2);
        GuardedMatrix rows = new(Device, Arena, 3 * launch.Examples, width), weights = new(Device, Arena, 3 * launch.Examples, 1);
        Matrix along = Upload(v, launch.Examples, width);
        launch.Replay(list =>
        {
            Relax.Directions(list, launch.State, launch.Sample, along, directions.Matrix, parts.Matrix, launch.N);
            Relax.TrainingRows(list, launch.Sample, directions.Matrix, parts.Matrix, rows.Matrix, weights.Matrix, launch.N, Scale);
        });
        return (directions.Download(), parts.Download(), rows.Download(), weights.Download());
    }
}
