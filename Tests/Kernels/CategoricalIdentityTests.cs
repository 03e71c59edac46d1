using IlgpuVae.Kernels;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>What holds for the categorical pass whatever the numbers, and the reference's own gradients against differences.</summary>
public class CategoricalIdentityTests(Target target) : AcceleratorSuite(target)
{
    private static readonly int[] Widths = [1, 2, 10, 33];

    [Test]
    public void GradientRows_SumToZero([ValueSource(nameof(Widths))] int k)
    {
        PassOutputs outputs = Pass(
            RowInputs.Make(InputKind.Normal, 5, k, 1), RowInputs.Make(InputKind.Normal, 5, k, 2), RowInputs.Make(InputKind.Normal, 5, k, 3), k);
        foreach (float[] grad in new[] { outputs.LogitsGrad.Download(), outputs.PriorGrad.Download() })
        {
            for (int row = 0; row < 5; row++)
                Assert.That(Math.Abs(ByRow.Row(grad, row, k).Sum(x => (double)x)), Is.LessThanOrEqualTo(8 * Tolerance.Ulp(1)));
        }
    }

    /// <summary>Also where the logits differ from the prior's by a constant: they are the same distribution.</summary>
    [Test]
    public void Kl_IsZeroAtThePrior([ValueSource(nameof(Widths))] int k, [Values(0f, 0.5f, 1000f)] float shift)
    {
        // Multiples of 1/1024 stay exact under the shift.
        float[] prior = Array.ConvertAll(RowInputs.Make(InputKind.Normal, 5, k, 4), x => MathF.Round(x * 1024) / 1024);
        PassOutputs outputs = Pass(Array.ConvertAll(prior, x => x + shift), prior, new float[5 * k], k);
        Assert.That(outputs.Kl.Download(), Is.All.InRange(-4 * Tolerance.Ulp(1), 4 * Tolerance.Ulp(1)));
        Assert.That(outputs.LogitsGrad.Download(), Is.All.InRange(-4 * Tolerance.Ulp(1), 4 * Tolerance.Ulp(1)));
        Assert.That(outputs.PriorGrad.Download(), Is.All.InRange(-4 * Tolerance.Ulp(1), 4 * Tolerance.Ulp(1)));
    }

    [Test]
    public void Kl_LiesBetweenZeroAndLogK(
        [ValueSource(nameof(Widths))] int k,
        [
            Values(InputKind.Normal, InputKind.Outliers, InputKind.Huge, InputKind.OneHot, InputKind.AllEqual),
        ] InputKind kind)
    {
        double slack = 4 * Tolerance.Ulp(Math.Max(1, Math.Log(k)));
        float[] kl = Pass(RowInputs.Make(kind, 5, k, 5), null, new float[5 * k], k).Kl.Download();
        Assert.That(kl, Is.All.InRange(-slack, Math.Log(k) + slack));
        if (kind == InputKind.OneHot)
            Assert.That(kl, Is.All.EqualTo(Math.Log(k)).Within(slack));
        if (kind == InputKind.AllEqual)
            Assert.That(kl, Is.All.EqualTo(0).Within(slack));
    }

    /// <summary>A certain posterior takes the log-likelihood of its code, and has no gradient: softmax is flat there.</summary>
    [Test]
    public void OneHotPosterior_TakesItsCode([Values(2, 10, 33)] int k)
    {
        float[] logits = RowInputs.Make(InputKind.OneHot, 5, k, 6), f = RowInputs.LogLikelihoods(5, k, 7);
        PassOutputs outputs = Pass(logits, null, f, k);
        float[] expected = [.. Enumerable.Range(0, 5).Select(row => f[(row * k) + Array.FindIndex(ByRow.Row(logits, row, k), float.IsFinite)])];
        Assert.That(outputs.Reconstruction.Download(), Is.EqualTo(expected));
        Assert.That(outputs.LogitsGrad.Download(), Is.All.EqualTo(0).Within(4 * Tolerance.Ulp(1000)));
    }

    /// <summary>A constant added to all log-likelihoods moves the reconstruction by it and no gradient with respect to the logits.</summary>
    [Test]
    public void ConstantInTheLikelihoods_LeavesTheGradient([Values(3, 33)] int k)
    {
        float[] logits = RowInputs.Make(InputKind.Normal, 5, k, 8), f = Array.ConvertAll(
            RowInputs.Make(InputKind.Normal, 5, k, 9), x => MathF.Round(x * 1024) / 1024);
        PassOutputs plain = Pass(logits, null, f, k), shifted = Pass(logits, null, Array.ConvertAll(f, x => x + 8), k);
        Assert.That(
            shifted.Reconstruction.Download().Zip(plain.Reconstruction.Download(), (a, b) => Math.Abs(a - b - 8)).Max(), Is.LessThan(8 * Tolerance.Ulp(8)));
        Assert.That(shifted.LogitsGrad.Download().Zip(plain.LogitsGrad.Download(), (a, b) => Math.Abs(a - b)).Max(), Is.LessThan(8 * Tolerance.Ulp(8)));
    }

    [Test]
    public void Reference_GradientsMatchDifferences([Values(1, 2, 5)] int k, [Values] bool uniform)
    {
        double[] logits = Values(k, 1), f = Values(k, 3);
        double[]? prior = uniform ? null : Values(k, 2);
        CategoricalPassReference<double> row = CategoricalPassReference<double>.Of(logits, prior, f, 0.75, 0.125);
        CentralDifference.Verify(l => Loss(l, prior, f), logits, row.LogitsGrad);
        CentralDifference.Verify(x => Loss(logits, prior, x), f, row.LogLikelihoodsGrad);
        if (prior is not null)
            CentralDifference.Verify(p => Loss(logits, p, f), prior, row.PriorGrad);

        static double Loss(double[] l, double[]? p, double[] f)
        {
            CategoricalPassReference<double> row = CategoricalPassReference<double>.Of(l, p, f, 0.75, 0.125);
            return 0.125 * ((0.75 * row.Kl) - row.Reconstruction);
        }
    }

    private PassOutputs Pass(float[] logits, float[]? prior, float[] f, int k)
    {
        PassOutputs outputs = new(Device, Arena, 5, k);
        CategoricalTerms terms = outputs.Terms(Upload(logits, 5, k), prior is null ? null : Upload(prior, 5, k), Upload(f, 5, k));
        Run(list => CategoricalPass.Record(list, terms, Upload(new StepState { Scheduled = { Beta = 1 } }), 1));
        return outputs;
    }

    private static double[] Values(int k, int seed) => ByRow.As<double>(RowInputs.Make(InputKind.Normal, 1, k, seed));
}
