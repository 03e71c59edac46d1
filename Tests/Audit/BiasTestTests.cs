using IlgpuVae.Training.Audit;
using MathNet.Numerics.Distributions;

namespace IlgpuVae.Tests.Audits;

/// <summary>The audit's tests on simulated draws: how often they fail where there is no bias, and from which bias on they do.</summary>
[TestFixture]
[Parallelizable]
public sealed class BiasTestTests
{
    private const int Blocks = 64, BlockDraws = 2, Repetitions = 300;

    [TestCase(3)]
    [TestCase(200)]
    public void OmnibusZ_IsStandardNormalWithoutBias(int coordinates)
    {
        // Two coordinates in three hang together, and their sizes differ.
        double[] z = [.. Simulations(coordinates, bias: 0).Select(test => test.OmnibusZ)];
        double mean = z.Average(), variance = z.Sum(value => (value - mean) * (value - mean)) / (Repetitions - 1);
        Assert.That(mean, Is.EqualTo(0).Within(4.5 / Math.Sqrt(Repetitions)));
        Assert.That(variance, Is.EqualTo(1).Within(Significance.Sigmas * Math.Sqrt(2.0 / Repetitions) + 0.1), "0.1 for what the approximation leaves");
        Assert.That(z.Count(value => value > Normal.InvCDF(0, 1, 0.95)), Is.InRange(4, 33), "15 of 300 expected");
    }

    [TestCase(3)]
    [TestCase(200)]
    public void Bias_IsEstimatedWithoutItsNoise_AndFound(int coordinates)
    {
        BiasTest[] none = [.. Simulations(coordinates, bias: 0)], some = [.. Simulations(coordinates, bias: 1)];
        double added = some[0].DetectableBias;
        Assert.That(none.Count(test => test.FindsBias), Is.LessThan(4), "0.3 of 300 expected");
        double relativeBias = Math.Abs(none.Average(test => test.SquaredBias)) / (none[0].NoiseFloor * none[0].NoiseFloor);
        Assert.That(relativeBias, Is.LessThan(Significance.Sigmas * Math.Sqrt(2.0 / Repetitions)), "|mean - exact|^2 itself would give 1");
        BiasTest[] detectable = [.. Simulations(coordinates, added)];
        Assert.That(detectable.Average(test => test.SquaredBias), Is.EqualTo(added * added).Within(0.15 * added * added));
        Assert.That(detectable.Count(test => test.FindsBias), Is.InRange(Repetitions / 4, Repetitions - 1), "about half");
        Assert.That(Simulations(coordinates, 3 * added).All(test => test.FindsBias));
    }

    [Test]
    public void BiasOfOneQuietCoordinate_IsFoundByTheLargestZ()
    {
        BiasTest test = Simulate(new Random(5), 200, (random, g) =>
        {
            for (int i = 0; i < g.Length; i++)
                g[i] = Normal.Sample(random, 0, 1);
            g[17] += 0.7;
        });
        Assert.That(test.OmnibusZ, Is.LessThan(BiasTest.OmnibusLimit), "too little for all coordinates together");
        Assert.That(test.LargestZ, Is.GreaterThan(test.LargestZLimit));
        Assert.That(test.FindsBias);
    }

    [Test]
    public void CategoriesThatAreHardlyEverMet_RaiseNoAlarm()
    {
        // Gradients of a category with probability q: -(1 - q) where it is met and q where it is not, mean 0; most are met never or once.
        Random random = new(7);
        double[] q = [.. Enumerable.Range(0, 100).Select(i => i < 50 ? 0.3 : Math.Pow(10, -3 - (i % 4)))];
        int failures = Enumerable.Range(0, 100).Count(_ => Simulate(random, q.Length, (source, g) =>
        {
            for (int i = 0; i < g.Length; i++)
                g[i] = (source.NextDouble() < q[i] ? 1 : 0) - q[i];
        }).FindsBias);
        Assert.That(failures, Is.LessThan(3), "0.1 of 100 expected");
    }

    [Test]
    public void DrawsThatDoNotDiffer_AreTestedAgainstRounding()
    {
        double[] exact = [1, -2, 0.5];
        foreach ((float error, bool biased) in new[] { (0f, false), (1e-6f, false), (1e-4f, true) })
        {
            BiasTest test = new(exact, [2e-6, 2e-6, 2e-6]);
            for (int block = 0; block < 2; block++)
                test.Add([4 * error, 0, -4 * error], [4 * error * error, 0, 4 * error * error], 4, 4);
            Assert.That(test.IsDeterministic);
            test.Conclude();
            Assert.That(test.FindsBias, Is.EqualTo(biased), $"off by {error}");
            Assert.That((test.CosineOfDraw, test.CosineOfMean), Is.EqualTo((1.0, 1.0)).Within(1e-6));
        }
    }

    [Test]
    public void WhatIsNotFinite_IsNoUnbiasedGradient([Values(float.NaN, float.PositiveInfinity)] float value)
    {
        BiasTest test = new([1, 2], [1e-6, 1e-6]);
        for (int block = 0; block < 4; block++)
            test.Add([0, value], [1, value], 1, 2);
        test.Conclude();
        Assert.That(test.FindsBias);
    }

    [Test]
    public void NormalQuantile_IsMathNets()
    {
        foreach (double tail in new[] { 0.05, 5e-4, 1e-6, 1e-9 })
            Assert.That(BiasTest.NormalQuantile(tail), Is.EqualTo(Normal.InvCDF(0, 1, 1 - tail)).Within(6e-4));
    }

    private static IEnumerable<BiasTest> Simulations(int coordinates, double bias)
    {
        Random random = new(coordinates);
        double each = bias / Math.Sqrt(coordinates);
        for (int repetition = 0; repetition < Repetitions; repetition++)
        {
            yield return Simulate(random, coordinates, (source, g) =>
            {
                double shared = Normal.Sample(source, 0, 1);
                for (int i = 0; i < g.Length; i++)
                    g[i] = each + ((1 + (i % 5)) * (Normal.Sample(source, 0, 1) + (i % 3 < 2 ? 0.3 * shared : 0)));
            });
        }
    }

    // Draws of g - e.
    private static BiasTest Simulate(Random random, int coordinates, Action<Random, double[]> draw)
    {
        double[] exact = new double[coordinates], g = new double[coordinates];
        Array.Fill(exact, 1);
        BiasTest test = new(exact, new double[coordinates]);
        for (int block = 0; block < Blocks; block++)
        {
            float[] sums = new float[coordinates], squares = new float[coordinates];
            for (int i = 0; i < BlockDraws; i++)
            {
                draw(random, g);
                for (int c = 0; c < coordinates; c++)
                {
                    sums[c] += (float)g[c];
                    squares[c] += (float)(g[c] * g[c]);
                }
            }

            test.Add(sums, squares, 0, BlockDraws);
        }

        test.Conclude();
        return test;
    }
}
