using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>What holds for softmax whatever the numbers, and the reference's own gradient against differences.</summary>
public class SoftmaxTests(Target target) : AcceleratorSuite(target)
{
    [Test]
    public void BackwardRows_SumToZero([Values(2, 10, 33)] int k)
    {
        Matrix logits = Upload(RowInputs.Make(InputKind.Normal, 4, k, 6), 4, k), grad = Upload(RowInputs.Make(InputKind.Normal, 4, k, 7), 4, k);
        Run(list =>
        {
            Softmax.Forward(list, logits, logits);
            Softmax.Backward(list, logits, grad, grad);
        });
        float[] result = Device.Download(grad.View);
        for (int row = 0; row < 4; row++)
            Assert.That(Math.Abs(ByRow.Row(result, row, k).Sum(x => (double)x)), Is.LessThanOrEqualTo(8 * Tolerance.Ulp(1)));
    }

    /// <summary>The float64 reference's own gradient, against differences of its own forward pass.</summary>
    [Test]
    public void Reference_GradientMatchesDifferences()
    {
        double[] point = [0.3, -1.2, 2.5, 0], weights = [1.5, -0.25, 0.75, 3];
        CentralDifference.Verify(
            l => SoftmaxReference.Softmax(l).Zip(weights, (p, w) => p * w).Sum(), point, SoftmaxReference.Backward(SoftmaxReference.Softmax(point), weights));
        CentralDifference.Verify(SoftmaxReference.LogSumExp, point, SoftmaxReference.Softmax(point));
    }
}
