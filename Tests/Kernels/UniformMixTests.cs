using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>A posterior mixed with the uniform distribution, log((1 - eps) softmax(l) + eps / K), and its gradient.</summary>
public class UniformMixTests(Target target) : AcceleratorSuite(target)
{
    [Test]
    public void Forward_MatchesFloat64([Values] InputKind kind, [Values(0.01f, 0.5f)] float share)
    {
        foreach ((int rows, int k) in RowInputs.Shapes(Target, kind))
        {
            float[] logits = RowInputs.Make(kind, rows, k, 1);
            GuardedMatrix mixed = new(Device, Arena, rows, k);
            Run(list => UniformMix.Forward(list, Upload(logits, rows, k), mixed.Matrix, share));
            double[] expected = ByRow.Map<double>(logits, k, l => UniformMixReference.LogMixed(l, share));
            float[] naive = ByRow.Map<float>(logits, k, l => UniformMixReference.LogMixed(l, share)), actual = mixed.Download();

            // A logarithm near 0 is as good as the probability near 1 that it is taken of.
            Tolerance.Check(RowInputs.Describe($"log mixed {share}", kind, rows, k), actual, expected, naive, k, [.. Enumerable.Repeat(1.0, rows)]);
            Assert.That(
                actual.Where(float.IsFinite).DefaultIfEmpty(0).Min(),
                Is.GreaterThanOrEqualTo(Math.Log(share / k) - 1e-5 * Math.Abs(Math.Log(share / k))),
                "a category below eps / K");
        }
    }

    [Test]
    public void Backward_MatchesFloat64(
        [Values(InputKind.Normal, InputKind.Outliers, InputKind.Masked, InputKind.AllEqual)] InputKind kind, [Values(0.01f, 0.5f)] float share)
    {
        foreach ((int rows, int k) in RowInputs.Shapes(Target, kind))
        {
            float[] logits = RowInputs.Make(kind, rows, k, 1), grad = RowInputs.Make(InputKind.Normal, rows, k, 2);
            GuardedMatrix result = new(Device, Arena, rows, k);
            Run(list => UniformMix.Backward(list, Upload(logits, rows, k), Upload(grad, rows, k), result.Matrix, share));
            double[] expected = ByRow.Map<double>(logits, grad, k, (l, g) => UniformMixReference.Backward(l, g, share));
            float[] naive = ByRow.Map<float>(logits, grad, k, (l, g) => UniformMixReference.Backward(l, g, share));
            double[] magnitudes = [.. Enumerable.Range(0, rows).Select(row => ByRow.Row(grad, row, k).Max(g => Math.Abs((double)g)))];
            Tolerance.Check(RowInputs.Describe($"gradient of mixed {share}", kind, rows, k), result.Download(), expected, naive, k, magnitudes);
        }
    }

    [Test]
    public void Reference_GradientMatchesDifferences([Values(0.01, 0.3)] double share)
    {
        double[] logits = [0.3, -1.2, 1.5, 0], weights = [1.5, -0.25, 0.75, 3];
        CentralDifference.Verify(
            l => UniformMixReference.LogMixed(l, share).Zip(weights, (y, w) => y * w).Sum(), logits, UniformMixReference.Backward(logits, weights, share));
    }

    [Test]
    public void Output_IsNormalised([Values(2, 33)] int k)
    {
        Matrix logits = Upload(RowInputs.Make(InputKind.Outliers, 5, k, 1), 5, k), result = Arena.Matrix(5, 1, MemoryUse.Activations);
        Run(list =>
        {
            UniformMix.Forward(list, logits, logits, 0.1f);
            Softmax.LogSumExp(list, logits, result);
        });
        Assert.That(Device.Download(result.View), Is.All.EqualTo(0f).Within(4 * Tolerance.Ulp(1)));
    }

    [Test]
    public void Shapes_AreChecked()
    {
        Matrix good = Arena.Matrix(3, 4, MemoryUse.Activations), wrong = Arena.Matrix(4, 3, MemoryUse.Activations);
        LaunchList list = new(Device);
        Assert.That(() => UniformMix.Forward(list, good, wrong, 0.1f), Throws.ArgumentException);
        Assert.That(() => UniformMix.Backward(list, good, wrong, good, 0.1f), Throws.ArgumentException);
        Assert.That(() => UniformMix.Backward(list, good, good, wrong, 0.1f), Throws.ArgumentException);
    }
}
