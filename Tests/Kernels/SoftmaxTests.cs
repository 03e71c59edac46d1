using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>Softmax, log-softmax, logsumexp and the backward pass against float64, in both variants.</summary>
public class SoftmaxTests(Target target) : AcceleratorSuite(target)
{
    [Test]
    public void Forward_MatchesFloat64([Values] InputKind kind) => VerifyForward(kind, RowInputs.Shapes(Target, kind));

    [Test]
    public void Forward_LongRows([Values(InputKind.Normal, InputKind.Outliers)] InputKind kind) => VerifyForward(kind, RowInputs.LongRows(Target));

    [Test]
    public void Backward_MatchesFloat64([Values(InputKind.Normal, InputKind.Outliers, InputKind.AllEqual, InputKind.Hundreds, InputKind.NanRow)] InputKind kind)
    {
        foreach ((int rows, int k) in RowInputs.Shapes(Target, kind).Concat(RowInputs.LongRows(Target)))
        {
            float[] p = ByRow.Map<float>(RowInputs.Make(InputKind.Normal, rows, k, 2), k, SoftmaxReference.Softmax), grad = RowInputs.Make(kind, rows, k, 3);
            GuardedMatrix result = new(Device, Arena, rows, k);
            Run(list => Softmax.Backward(list, Upload(p, rows, k), Upload(grad, rows, k), result.Matrix));
            double[] magnitudes = [.. Enumerable.Range(0, rows).Select(row => Magnitude(ByRow.Row(p, row, k), ByRow.Row(grad, row, k)))];
            Tolerance.Check(
                RowInputs.Describe("backward", kind, rows, k),
                result.Download(),
                ByRow.Map<double>(p, grad, k, SoftmaxReference.Backward),
                ByRow.Map<float>(p, grad, k, SoftmaxReference.Backward),
                k,
                magnitudes);
        }
    }

    [Test]
    public void InPlace_GivesTheSameBits([Values(7, 33)] int k)
    {
        float[] logits = RowInputs.Make(InputKind.Normal, 5, k, 4), grad = RowInputs.Make(InputKind.Normal, 5, k, 5);
        Matrix apart = Arena.Matrix(5, k, MemoryUse.Activations), same = Upload(logits, 5, k);
        Matrix logApart = Arena.Matrix(5, k, MemoryUse.Activations), logSame = Upload(logits, 5, k);
        Matrix gradApart = Arena.Matrix(5, k, MemoryUse.Activations), gradSame = Upload(grad, 5, k);
        Run(list =>
        {
            Softmax.Forward(list, Upload(logits, 5, k), apart);
            Softmax.Forward(list, same, same);
            Softmax.LogForward(list, Upload(logits, 5, k), logApart);
            Softmax.LogForward(list, logSame, logSame);
            Softmax.Backward(list, apart, Upload(grad, 5, k), gradApart);
            Softmax.Backward(list, apart, gradSame, gradSame);
        });
        Assert.That(Device.Download(same.View), Is.EqualTo(Device.Download(apart.View)));
        Assert.That(Device.Download(logSame.View), Is.EqualTo(Device.Download(logApart.View)));
        Assert.That(Device.Download(gradSame.View), Is.EqualTo(Device.Download(gradApart.View)));
    }

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

    [Test]
    public void Repeats_AreBitIdentical([Values(10, 257)] int k)
    {
        Matrix logits = Upload(RowInputs.Make(InputKind.Normal, 3, k, 8), 3, k), result = Arena.Matrix(3, k, MemoryUse.Activations);
        LaunchList list = new(Device);
        Softmax.LogForward(list, logits, result);
        Repetition.IsBitIdentical(() =>
        {
            list.Replay();
            Device.Wait();
            return [Device.Download(result.View)];
        });
    }

    private void VerifyForward(InputKind kind, IEnumerable<(int Rows, int K)> shapes)
    {
        foreach ((int rows, int k) in shapes)
        {
            float[] logits = RowInputs.Make(kind, rows, k, 1);
            Matrix input = Upload(logits, rows, k);
            GuardedMatrix p = new(Device, Arena, rows, k), log = new(Device, Arena, rows, k), sum = new(Device, Arena, rows, 1);
            Run(list =>
            {
                Softmax.Forward(list, input, p.Matrix);
                Softmax.LogForward(list, input, log.Matrix);
                Softmax.LogSumExp(list, input, sum.Matrix);
            });
            Verify("softmax", p, k, SoftmaxReference.Softmax, SoftmaxReference.Softmax);
            Verify("log-softmax", log, k, SoftmaxReference.LogSoftmax, SoftmaxReference.LogSoftmax);

            // max + log sum: where the two cancel, the result is as good as the larger of them.
            double[] magnitudes = ByRow.Map<double>(logits, k, l => [l.Any(double.IsNaN) ? 0 : Math.Abs(l.Max())]);
            Verify("logsumexp", sum, 1, l => [SoftmaxReference.LogSumExp(l)], l => [SoftmaxReference.LogSumExp(l)], magnitudes);

            void Verify(
                string output, GuardedMatrix actual, int width, Func<double[], double[]> exact, Func<float[], float[]> naive,
                    double[]? magnitudes = null) => Tolerance.Check(
                RowInputs.Describe(output, kind, rows, k), actual.Download(), ByRow.Map(logits, k, exact), ByRow.Map(logits, k, naive), width, magnitudes);
        }
    }

    private static double Magnitude(float[] p, float[] grad)
    {
        double largest = grad.Select((g, i) => Math.Abs((double)g) * p[i]).Max();
        return double.IsNaN(largest) ? 0 : largest;
    }
}
