using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>How often Gumbel-max samples fall into each category, and that rows, steps, streams and seeds have nothing to do with each other.</summary>
public class CategoricalFrequencyTests(Target target) : AcceleratorSuite(target)
{
    private const ulong Seed = 42;

    /// <summary>Probabilities 0.1, 0.2, 0.3 and 0.4.</summary>
    private static readonly float[] Logits = [.. new[] { 1.0, 2.0, 3.0, 4.0 }.Select(p => (float)Math.Log(p))];

    // Of a bias of 2 % in the category of probability 0.3, 0.006, one standard deviation is sqrt(0.3 * 0.7 / n): 13 of them at n = 2^20.
    private int Draws => Target.IsSimulatedGroup ? 1 << 12 : 1 << 20;

    [Test]
    public void Frequencies_MatchSoftmax() =>
        Assert.That(Significance.ChiSquare(Counts(Draw(Logits, Draws, Randomness.Codes, 1), 4), Softmax(Logits)), Is.GreaterThan(Significance.Alpha));

    /// <summary>The group variant, on a row of 33 categories, some of them masked.</summary>
    [Test]
    public void Frequencies_MatchSoftmaxInLongRows()
    {
        float[] logits = Array.ConvertAll(RowInputs.Make(InputKind.Normal, 1, 33, 1), x => 0.3f * x);
        logits[7] = logits[32] = float.NegativeInfinity;
        int draws = Target.IsSimulatedGroup ? 1 << 10 : 1 << 16;
        Assert.That(Significance.ChiSquare(Counts(Draw(logits, draws, Randomness.Evaluation, 1), 33), Softmax(logits)), Is.GreaterThan(Significance.Alpha));
    }

    /// <summary>Categories that are each almost never drawn and together now and then: what noise without its tail never draws at all.</summary>
    [Test]
    public void RareCategories_ComeAsOftenAsTheyShould()
    {
        const float Rare = -18.5f;
        const int Others = 8191, Draws = 3 << 16;
        if (Device.Style != LaunchStyle.Processor)
            Assert.Ignore("A processor draws these in seconds; here it would take too long.");
        int drawn = Draw([0f, .. Enumerable.Repeat(Rare, Others)], Draws, Randomness.Codes, 1).Count(category => category != 0);

        // 15 of 196,608.
        Assert.That(Significance.Poisson(drawn, Draws * (Others * Math.Exp(Rare))), Is.GreaterThan(Significance.Alpha), $"{drawn} draws");
    }

    /// <summary>Power: the same statistic on as many draws rejects a category off by one, and a category drawn 2 % too often.</summary>
    [Test]
    public void WrongSamplers_AreRejected()
    {
        if (Target.IsSimulatedGroup)
            return;
        double[] p = Softmax(Logits);
        int[] drawn = Draw(Logits, Draws, Randomness.Codes, 1);
        Assert.That(Significance.ChiSquare(Counts([.. drawn.Select(z => (z + 1) % 4)], 4), p), Is.LessThan(Significance.Alpha));

        double[] biased = [p[0], p[1], 1.02 * p[2], p[3] - (0.02 * p[2])];
        Random random = new(1);
        int[] wrong = MathNet.Numerics.Distributions.Categorical.Samples(random, biased).Take(Draws).ToArray();
        Assert.That(Significance.ChiSquare(Counts(wrong, 4), p), Is.LessThan(Significance.Alpha));

        // And the host's own generator is let through, so it is the bias that was caught.
        int[] right = MathNet.Numerics.Distributions.Categorical.Samples(random, p).Take(Draws).ToArray();
        Assert.That(Significance.ChiSquare(Counts(right, 4), p), Is.GreaterThan(Significance.Alpha));
    }

    [Test]
    public void Draws_AreIndependent()
    {
        int[] drawn = Draw(Logits, Draws, Randomness.Codes, 1);
        (string What, int[] A, int[] B)[] pairs =
        [
            ("neighbouring rows", drawn[..^1], drawn[1..]),
            ("neighbouring steps", drawn, Draw(Logits, Draws, Randomness.Codes, 2)),
            ("streams", drawn, Draw(Logits, Draws, Randomness.Evaluation, 1)),
            ("neighbouring seeds", drawn, Draw(Logits, Draws, Randomness.Codes, 1, Seed + 1)),
            ("seeds that differ in the high word", drawn, Draw(Logits, Draws, Randomness.Codes, 1, Seed + (1UL << 32))),
        ];
        foreach ((string what, int[] a, int[] b) in pairs)
            Assert.That(Significance.Independence(Table(a, b)), Is.GreaterThan(Significance.Alpha), what);

        // Power: two sequences that agree in one draw of fifty by more than chance are told apart, where there are draws enough.
        if (Target.IsSimulatedGroup)
            return;
        int[] leaking = [.. pairs[1].B.Select((z, i) => i % 50 == 0 ? drawn[i] : z)];
        Assert.That(Significance.Independence(Table(drawn, leaking)), Is.LessThan(Significance.Alpha));
    }

    private int[] Draw(float[] logits, int draws, Randomness stream, int step, ulong seed = Seed)
    {
        GuardedCodes codes = new(Device, Arena, draws, 1, logits.Length);
        Run(list => CategoricalSample.Record(
            list, Upload(new StepState { Step = step }), Upload(logits, 1, logits.Length), codes.Codes, seed, stream, samplesPerRow: draws));
        return codes.Download();
    }

    private static double[] Softmax(float[] logits) => SoftmaxReference.Softmax(ByRow.As<double>(logits));

    private static long[] Counts(int[] drawn, int k)
    {
        long[] counts = new long[k];
        foreach (int z in drawn)
            counts[z]++;
        return counts;
    }

    private static long[,] Table(int[] a, int[] b)
    {
        long[,] table = new long[4, 4];
        for (int i = 0; i < a.Length; i++)
            table[a[i], b[i]]++;
        return table;
    }
}
