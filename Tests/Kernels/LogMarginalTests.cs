using IlgpuVae.Kernels;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>The exact log-likelihood log sum_s p(s) p(x | s): codes that are impossible, many small terms.</summary>
public class LogMarginalTests(Target target) : AcceleratorSuite(target)
{
    /// <summary>A code of prior probability 0 contributes nothing, however likely the data under it; with no code left the data is impossible.</summary>
    [Test]
    public void ImpossibleCodes_ContributeNothing([Values(3, 33)] int k)
    {
        float[] f = RowInputs.Make(InputKind.Normal, 2, k, 2), prior = [.. LogPrior(2, k)];
        f[1] = 500;
        prior[1] = float.NegativeInfinity;
        double[] exact = ByRow.Map<double>(f, prior, k, (a, b) => [SoftmaxReference.LogSumExp(a.Zip(b, (x, y) => x + y).ToArray())]);
        Assert.That(Compute(f, 2, prior, 2, k), Is.EqualTo(exact).Within(4 * Tolerance.Ulp(4)));
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

    private static float[] LogPrior(int rows, int k) => ByRow.Map<float>(RowInputs.Make(InputKind.Normal, rows, k, 6), k, SoftmaxReference.LogSoftmax);
}
