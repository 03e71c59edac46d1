using IlgpuVae.Kernels;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.Estimators;

/// <summary>Hard samples: which logits a sample's row belongs to, masks, and the distribution.</summary>
public class CategoricalSampleTests(Target target) : EstimatorSuite(target)
{
    private const ulong Seed = 107;

    // Examples, samples, variables, categories: one lane a row up to 16 categories and one group a row beyond.
    private static readonly (int B, int S, int N, int K)[] Shapes = [(1, 1, 1, 1), (4, 1, 3, 5), (3, 4, 2, 7), (5, 2, 3, 16), (2, 3, 2, 33)];

    [Test]
    public void EachRow_IsDrawnFromItsOwnVariable([ValueSource(nameof(Shapes))] (int B, int S, int N, int K) shape, [Values] bool masked)
    {
        // A single category has any chance, a different one in each variable of each example.
        (int b, int s, int n, int k) = shape;
        float[] chosen = Draws.OneHot(new Random(109), b, n, k);
        float[] logits = [.. chosen.Select(one => one == 1f ? 3f : masked ? float.NegativeInfinity : -60f)];
        float[] expected = [.. Enumerable.Range(0, b * s).SelectMany(row => Draws.Row(chosen, row / s, n * k))];
        FloatComparison.VerifyIdentical(Sample(logits, shape, 1), expected);
    }

    [Test]
    public void Frequencies_AreThePosteriors([ValueSource(nameof(Logits))] float[] logits)
    {
        const int Samples = 4000;
        int k = logits.Length;
        float[] codes = Sample(logits, (1, Samples, 1, k), 5);
        double[] q = EstimatorReference.Softmax(Draws.As<double>(logits));
        double[] counts = [.. Enumerable.Range(0, k).Select(category => (double)Enumerable.Range(0, Samples).Sum(row => codes[(row * k) + category]))];
        Assert.That(counts.Where((_, i) => q[i] == 0), Is.All.Zero, "masked categories");

        // Pearson's statistic needs five expected counts in a cell: the rarer categories share one.
        int[] common = [.. Enumerable.Range(0, k).Where(i => q[i] * Samples >= 5)];
        double rare = 1 - common.Sum(i => q[i]), statistic = common.Sum(i => Math.Pow(counts[i] - (q[i] * Samples), 2) / (q[i] * Samples));
        double rareCount = Samples - common.Sum(i => counts[i]);
        if (rare * Samples >= 5)
            statistic += Math.Pow(rareCount - (rare * Samples), 2) / (rare * Samples);
        else
            Assert.That(rareCount, Is.LessThan(30), "rare categories");
        Assert.That(statistic, Is.LessThan(Draws.ChiSquareLimit(k)));
    }

    [Test]
    public void Samples_DependOnTheStep_AndOnNothingElse()
    {
        float[] logits = new float[5 * 2 * 3];
        float[] first = Sample(logits, (5, 8, 2, 3), 1);
        FloatComparison.VerifyIdentical(Sample(logits, (5, 8, 2, 3), 1), first);
        Assert.That(Sample(logits, (5, 8, 2, 3), 2), Is.Not.EqualTo(first));
    }

    private float[] Sample(float[] logits, (int B, int S, int N, int K) shape, int step)
    {
        (int b, int s, int n, int k) = shape;
        return ResultCodes(
            b * s, n, k, (list, codes) =>
                CategoricalSample.Record(
                    list, Upload(new StepState { Step = step }), Upload(logits, b * n, k), codes, Seed, Randomness.Codes, samplesPerRow: s));
    }
}
