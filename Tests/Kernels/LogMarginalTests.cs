using IlgpuVae.Kernels;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>The exact log-likelihood log sum_s p(s) p(x | s): sizes of images, codes that are impossible, many small terms.</summary>
public class LogMarginalTests(Target target) : AcceleratorSuite(target)
{
    /// <summary>Likelihoods of images: far below what exp can hold, so the maximum has to be taken away first.</summary>
    [Test]
    public void ImageLikelihoods_DoNotVanish([Values(10, 33)] int k)
    {
        float[] f = RowInputs.LogLikelihoods(3, k, 1), prior = LogPrior(1, k);
        float[] actual = Compute(f, 3, prior, 1, k);
        Verify($"images [3, {k}]", actual, f, prior, k, 1);
        Assert.That(actual, Is.All.LessThan(-50f));
    }

    /// <summary>A code of prior probability 0 contributes nothing, however likely the data under it; with no code left the data is impossible.</summary>
    [Test]
    public void ImpossibleCodes_ContributeNothing([Values(3, 33)] int k)
    {
        float[] f = RowInputs.Make(InputKind.Normal, 2, k, 2), prior = [.. LogPrior(2, k)];
        f[1] = 500;
        prior[1] = float.NegativeInfinity;
        Verify($"masked [2, {k}]", Compute(f, 2, prior, 2, k), f, prior, k, 2);
    }

    /// <summary>log p(x) bounds every ELBO from above, and the posterior's makes them equal (Jensen).</summary>
    [Test]
    public void Result_EqualsTheElboOfTheTruePosterior([Values(3, 33)] int k)
    {
        float[] f = RowInputs.Make(InputKind.Normal, 1, k, 3), prior = LogPrior(1, k);
        double[] joint = [.. f.Zip(prior, (a, b) => (double)a + b)], q = SoftmaxReference.Softmax(joint);
        double elbo = q.Select((p, s) => p * (joint[s] - Math.Log(p))).Sum();
        Assert.That(Compute(f, 1, prior, 1, k)[0], Is.EqualTo(elbo).Within(4 * Tolerance.Ulp(4)));
    }

    /// <summary>Terms that are each less than half a unit in the last place of the largest: 65,535 of them are 1.6e-3 together.</summary>
    [Test]
    public void ManySmallTerms_Count([Values(-17.5f, -20f)] float small, [Values(0, 40_000, 65_535)] int largest)
    {
        if (Target.IsSimulatedGroup)
            Assert.Ignore("Simulated groups are slow.");
        const int Codes = 1 << 16;
        float[] f = [.. Enumerable.Repeat(small, Codes)], prior = new float[Codes];
        f[largest] = 0f;
        double expected = Math.Log(1 + ((Codes - 1) * Math.Exp(small)));

        // What is left is the rounding of the sum near 1, and what a few partial sums lose.
        Assert.That(Compute(f, 1, prior, 1, Codes)[0], Is.EqualTo(expected).Within(4 * Tolerance.Ulp(1)));
    }

    private float[] Compute(float[] f, int rows, float[] prior, int priorRows, int k)
    {
        GuardedMatrix result = new(Device, Arena, rows, 1);
        Run(list => LogMarginal.Record(list, Upload(f, rows, k), Upload(prior, priorRows, k), result.Matrix));
        return result.Download();
    }

    private static void Verify(string what, float[] actual, float[] f, float[] prior, int k, int priorRows)
    {
        float[] tiled = [.. Enumerable.Range(0, f.Length).Select(i => prior[i % (priorRows * k)])];

        // The sum of a log-likelihood and a log-prior is as good as the larger of them, before and after the maximum is taken away.
        double[] magnitudes = ByRow.Map<double>(f, tiled, k, (a, b) => [a.Concat(b).Any(double.IsNaN) ? 0 : a.Concat(b).Where(double.IsFinite).Max(Math.Abs)]);
        Tolerance.Check(what, actual, ByRow.Map<double>(f, tiled, k, Marginal), ByRow.Map<float>(f, tiled, k, Marginal), 1, magnitudes);
    }

    private static T[] Marginal<T>(T[] f, T[] prior)
        where T : System.Numerics.IFloatingPointIeee754<T> => [SoftmaxReference.LogSumExp<T>([.. f.Zip(prior, (a, b) => a + b)])];

    private static float[] LogPrior(int rows, int k) => ByRow.Map<float>(RowInputs.Make(InputKind.Normal, rows, k, 6), k, SoftmaxReference.LogSoftmax);
}
