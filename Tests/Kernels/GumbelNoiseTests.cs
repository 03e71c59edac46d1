using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>Gumbel noise: every size of a word against float64, and the distribution they have together.</summary>
public class GumbelNoiseTests(Target target) : AcceleratorSuite(target)
{
    private const ulong Seed = 0x1234_5678_9ABC_DEF0;
    private const double Variance = Math.PI * Math.PI / 6;

    // A scale wrong by 2 % moves the variance by 4 %: with the fourth moment of the Gumbel distribution (kurtosis 5.4) that is
    // 0.04 sqrt(n / 4.4) standard deviations, 19 at n = 2^20 and 2.4 at the 2^14 that simulated groups can afford.
    private int Rows => Target.IsSimulatedGroup ? 1 << 11 : 1 << 17;

    /// <summary>Every size of a word, counted from both ends of the words and from their middle, where the formula changes sides.</summary>
    [Test]
    public void At_MatchesFloat64OverAllWords()
    {
        Random random = new(1);
        List<uint> words = [];
        for (int bits = 0; bits < 32; bits++)
        {
            for (int i = 0; i < 64; i++)
            {
                uint distance = (uint)((1L << bits) + random.NextInt64(1L << bits)) - 1;
                words.AddRange([distance, uint.MaxValue - distance, (1u << 31) + distance, (1u << 31) - 1 - distance]);
            }
        }

        float[] noise = At([.. words]);
        for (int i = 0; i < noise.Length; i++)
        {
            double expected = PhiloxReference.Gumbel<double>(words[i]);

            // Two logarithms, each within two units of its own last place; that of a number near 1 is as large as its distance from 1.
            Assert.That(noise[i], Is.EqualTo(expected).Within(4 * Tolerance.Ulp(Math.Max(1f, (float)Math.Abs(expected)))), $"word {words[i]:x8}");
        }
    }

    [Test]
    public void At_IsFiniteAtBothEnds()
    {
        float[] ends = At([0, uint.MaxValue]);
        Assert.That(ends[0], Is.EqualTo(33 * Math.Log(2)).Within(4e-6));
        Assert.That(ends[1], Is.EqualTo(-Math.Log(33 * Math.Log(2))).Within(1e-6));
    }

    /// <summary>Words of 24 bits ended at 16.6, and the tail above was missing.</summary>
    [Test]
    public void Tail_ComesAsOftenAsItShould()
    {
        const float Far = 16.7f;
        const int Columns = 1 << 12, Rows = 1 << 10, Launches = 1 << 7;
        if (Device.Style != LaunchStyle.Processor)
            Assert.Ignore("A processor draws half a billion numbers in a second or two; here it would take too long.");
        GuardedMatrix noise = new(Device, Arena, Rows, Columns);
        int far = 0;
        for (int step = 0; step < Launches; step++)
        {
            Run(list => GumbelNoise.Record(list, Upload(new StepState { Step = step }), noise.Matrix, Seed, Randomness.Codes));
            far += noise.Download().Count(g => g > Far);
        }

        // 30 of 2^29.
        Assert.That(Significance.Poisson(far, (double)Launches * Rows * Columns * Math.Exp(-Far)), Is.GreaterThan(Significance.Alpha), $"{far} numbers");
    }

    [Test]
    public void Moments_AreThoseOfTheStandardGumbel()
    {
        double[] x = Samples(Randomness.Codes, 1);
        Assert.That(Math.Abs(MeanInSigmas(x)), Is.LessThan(Significance.Sigmas));
        Assert.That(Math.Abs(VarianceInSigmas(x)), Is.LessThan(Significance.Sigmas));
    }

    [Test]
    public void Distribution_IsTheStandardGumbel() =>
        Assert.That(Significance.KolmogorovSmirnov(Samples(Randomness.Evaluation, 2), Cdf), Is.GreaterThan(Significance.Alpha));

    /// <summary>
    /// Power: the same statistics reject noise whose scale is off by 2 %, whose place is off by 0.02, or that is Gaussian with the right moments.
    /// </summary>
    [Test]
    public void WrongNoise_IsRejected()
    {
        if (Target.IsSimulatedGroup)
            return;
        double[] x = Samples(Randomness.Codes, 1);
        double[] scaled = [.. x.Select(v => 1.02 * v)], shifted = [.. x.Select(v => v + 0.02)];
        Random random = new(3);
        double[] gaussian =
        [
            .. x.Select(_ => MathNet.Numerics.Distributions.Normal.Sample(random, MathNet.Numerics.Constants.EulerMascheroni, Math.Sqrt(Variance))),
        ];
        Assert.That(Math.Abs(VarianceInSigmas(scaled)), Is.GreaterThan(Significance.Sigmas));
        Assert.That(Math.Abs(MeanInSigmas(shifted)), Is.GreaterThan(Significance.Sigmas));
        foreach (double[] wrong in new[] { scaled, shifted, gaussian })
            Assert.That(Significance.KolmogorovSmirnov(wrong, Cdf), Is.LessThan(Significance.Alpha));
    }

    [Test]
    public void Neighbours_AreUncorrelated()
    {
        double[] x = Samples(Randomness.Codes, 3), nextStep = Samples(Randomness.Codes, 4), otherStream = Samples(Randomness.Prior, 3);
        (string Name, double[] A, double[] B)[] pairs =
            [("columns", x[..^1], x[1..]), ("rows", x[..^8], x[8..]), ("steps", x, nextStep), ("streams", x, otherStream)];
        foreach ((string name, double[] a, double[] b) in pairs)
            Assert.That(Math.Abs(Significance.CorrelationInSigmas(a, b)), Is.LessThan(Significance.Sigmas), $"neighbouring {name}");

        // Power: a neighbour that shares a tenth of the other's noise is noticed.
        double[] mixed = [.. x.Zip(nextStep, (a, b) => (0.1 * a) + (0.995 * b))];
        Assert.That(Math.Abs(Significance.CorrelationInSigmas(x, mixed)), Is.GreaterThan(Significance.Sigmas));
    }

    [Test]
    public void Seeds_GiveDifferentNoise()
    {
        foreach (ulong other in new[] { Seed + 1, Seed ^ (1UL << 63) })
            Assert.That(Noise(Randomness.Codes, 1, 3, 8, other).Zip(Noise(Randomness.Codes, 1, 3, 8)).Count(pair => pair.First == pair.Second), Is.Zero);
    }

    /// <summary>On the processor the width of the vectors changes no bit, nor does the way rows are held change what a single word makes.</summary>
    [Test]
    public void Noise_HasTheBitsOfSingleWordsOnTheProcessor([Values(2, 3, 4, 8, 10, 16, 17, 64, 257)] int k)
    {
        if (Device.Style != LaunchStyle.Processor)
            Assert.Pass("other devices round in their own way");
        GuardedMatrix noise = new(Device, Arena, 7, k);
        Run(list => GumbelNoise.Record(list, Upload(new StepState { Step = 2 }), noise.Matrix, Seed, Randomness.Codes));
        float[] expected = [.. Enumerable.Range(0, 7 * k).Select(i => OfSingleWord(i / k, i % k))];
        Repetition.VerifyBits(noise.Download(), expected);
    }

    private static float OfSingleWord(int row, int column) =>
        GumbelNoise.At(Philox.Word(GumbelNoise.Block(Seed, Randomness.Codes, 2, row, column / 4), column % 4));

    private float[] At(uint[] words)
    {
        ArrayView<uint> view = Arena.Allocate<uint>(words.Length, MemoryUse.Activations);
        Device.Upload<uint>(view, words);
        GuardedMatrix noise = new(Device, Arena, 1, words.Length);
        Run(list => list.Elements("at", words.Length, new AtBody(view, noise.Matrix.View), default));
        return noise.Download();
    }

    private float[] Noise(Randomness stream, int step, int rows, int columns, ulong seed = Seed)
    {
        GuardedMatrix noise = new(Device, Arena, rows, columns);
        Run(list => GumbelNoise.Record(list, Upload(new StepState { Step = step }), noise.Matrix, seed, stream));
        return noise.Download();
    }

    private double[] Samples(Randomness stream, int step) => Array.ConvertAll(Noise(stream, step, Rows, 8), x => (double)x);

    private static double MeanInSigmas(double[] x) => (x.Average() - MathNet.Numerics.Constants.EulerMascheroni) / Math.Sqrt(Variance / x.Length);

    private static double VarianceInSigmas(double[] x)
    {
        double variance = x.Average(v => Math.Pow(v - MathNet.Numerics.Constants.EulerMascheroni, 2));
        return ((variance / Variance) - 1) / Math.Sqrt(4.4 / x.Length);
    }

    private static double Cdf(double x) => Math.Exp(-Math.Exp(-x));

    internal readonly struct AtBody(ArrayView<uint> words, ArrayView<float> noise) : IElementBody
    {
        public void At(int i) => noise[i] = GumbelNoise.At(words[i]);
    }
}
