using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>A posterior mixed with the uniform distribution, log((1 - eps) softmax(l) + eps / K), and its gradient.</summary>
public class UniformMixTests(Target target) : AcceleratorSuite(target)
{
    /// <summary>No category falls below eps / K, whatever the logits.</summary>
    [Test]
    public void Category_KeepsItsShare([Values(0.01f, 0.5f)] float share, [Values(2, 33)] int k)
    {
        GuardedMatrix mixed = new(Device, Arena, 5, k);
        Run(list => UniformMix.Forward(list, Upload(RowInputs.Make(InputKind.Huge, 5, k, 1), 5, k), mixed.Matrix, share));
        Assert.That(mixed.Download(), Is.All.GreaterThanOrEqualTo(Math.Log(share / k) * (1 + 1e-5)));
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
