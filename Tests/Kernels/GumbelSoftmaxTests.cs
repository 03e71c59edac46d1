using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>The Gumbel-Softmax relaxation against float64 with the noise made again on the host, soft and hard, forward and backward.</summary>
public class GumbelSoftmaxTests(Target target) : AcceleratorSuite(target)
{
    private const ulong Seed = 0x0123_4567_89AB_CDEF;
    private const int Step = 3;

    [Test]
    public void Forward_MatchesFloat64AtEveryTemperature(
        [Values(0.01f, 0.1f, 1f, 10f)] float temperature, [Values(InputKind.Normal, InputKind.Outliers)] InputKind kind) =>
        VerifyForward(kind, temperature, RowInputs.Shapes(Target, InputKind.Outliers));

    [Test]
    public void SoftAlone_GivesTheSameBits([Values(2, 8, 10, 33)] int k)
    {
        float[] logits = RowInputs.Make(InputKind.Normal, 3, k, 1);
        GuardedMatrix with = new(Device, Arena, 3, k), without = new(Device, Arena, 3, k);
        GuardedCodes hard = new(Device, Arena, 3, 1, k);
        Run(list =>
        {
            GumbelSoftmax.Forward(list, Upload(State(0.5f)), Upload(logits, 3, k), with.Matrix, hard.Codes, Seed, Randomness.Codes);
            GumbelSoftmax.Forward(list, Upload(State(0.5f)), Upload(logits, 3, k), without.Matrix, null, Seed, Randomness.Codes);
        });
        Assert.That(without.Download(), Is.EqualTo(with.Download()));
    }

    /// <summary>The relaxation and the sampler are two views of one draw: with the same seed, stream and step the hard value is the sample.</summary>
    [Test]
    public void Hard_IsTheGumbelMaxSample([Values(2, 3, 4, 8, 33)] int k)
    {
        Matrix logits = Upload(RowInputs.Make(InputKind.Normal, 9, k, 2), 9, k);
        GuardedMatrix soft = new(Device, Arena, 9, k);
        GuardedCodes hard = new(Device, Arena, 9, 1, k), sample = new(Device, Arena, 9, 1, k);
        Run(list =>
        {
            GumbelSoftmax.Forward(list, Upload(State(1)), logits, soft.Matrix, hard.Codes, Seed, Randomness.Codes);
            CategoricalSample.Record(list, Upload(State(1)), logits, sample.Codes, Seed, Randomness.Codes);
        });
        Assert.That(hard.Download(), Is.EqualTo(sample.Download()));
    }

    [Test]
    public void Backward_MatchesFloat64(
        [Values(0.01f, 10f)] float temperature, [Values(InputKind.Normal, InputKind.Outliers)] InputKind kind)
    {
        foreach ((int rows, int k) in RowInputs.Shapes(Target, InputKind.Outliers))
        {
            float[] grad = RowInputs.Make(kind, rows, k, 4), before = RowInputs.Make(InputKind.Normal, rows, k, 5);
            float[] y = ByRow.Map<float>(RowInputs.Make(InputKind.Normal, rows, k, 3), k, SoftmaxReference.Softmax);
            Matrix result = Upload(before, rows, k);
            Run(list => GumbelSoftmax.Backward(list, Upload(State(temperature)), Upload(y, rows, k), Upload(grad, rows, k), result));
            double[] largest = [.. Enumerable.Range(0, rows).Select(row => Magnitude(ByRow.Row(y, row, k), ByRow.Row(grad, row, k), temperature))];
            Tolerance.Check(
                RowInputs.Describe($"backward at {temperature}", kind, rows, k),
                Device.Download(result.View),
                Backward<double>(y, grad, before, k, temperature),
                Backward<float>(y, grad, before, k, temperature),
                k,
                largest);
        }
    }

    [Test]
    public void Reference_GradientMatchesDifferences([Values(0.1, 1, 10)] double temperature)
    {
        double[] logits = [0.3, -1.2, 1.5, 0], noise = [0.7, 0.1, -0.4, 2], weights = [1.5, -0.25, 0.75, 3];
        CentralDifference.Verify(
            l => GumbelSoftmaxReference.Soft(l, noise, temperature).Zip(weights, (y, w) => y * w).Sum(),
            logits,
            GumbelSoftmaxReference.Backward(GumbelSoftmaxReference.Soft(logits, noise, temperature), weights, temperature, new double[4]));
    }

    private void VerifyForward(InputKind kind, float temperature, IEnumerable<(int Rows, int K)> shapes)
    {
        foreach ((int rows, int k) in shapes)
        {
            float[] logits = RowInputs.Make(kind, rows, k, 7);
            GuardedMatrix soft = new(Device, Arena, rows, k);
            GuardedCodes hard = new(Device, Arena, rows, 1, k);
            Run(list => GumbelSoftmax.Forward(list, Upload(State(temperature)), Upload(logits, rows, k), soft.Matrix, hard.Codes, Seed, Randomness.Codes));

            double[] noise = PhiloxReference.Gumbel<double>(Seed, (int)Randomness.Codes, Step, rows, k), wide = ByRow.As<double>(logits);
            float[] noiseNaive = PhiloxReference.Gumbel<float>(Seed, (int)Randomness.Codes, Step, rows, k), y = soft.Download();
            Tolerance.Check(
                RowInputs.Describe($"soft at {temperature}", kind, rows, k),
                y,
                [.. Enumerable.Range(0, rows).SelectMany(r => GumbelSoftmaxReference.Soft(ByRow.Row(wide, r, k), ByRow.Row(noise, r, k), temperature))],
                [.. Enumerable.Range(0, rows).SelectMany(r => GumbelSoftmaxReference.Soft(ByRow.Row(logits, r, k), ByRow.Row(noiseNaive, r, k), temperature))],
                k,
                [.. Enumerable.Range(0, rows).Select(r => GumbelSoftmaxReference.Magnitude(ByRow.Row(wide, r, k), ByRow.Row(noise, r, k), temperature))]);
            VerifyHard(RowInputs.Describe("hard", kind, rows, k), hard.Download(), y, [.. wide.Zip(noise, (l, g) => l + g)], k);
        }
    }

    // The argmax of the kernel's own y, and of the float64 scores up to their last float32 places.
    private static void VerifyHard(string what, int[] categories, float[] y, double[] scores, int k)
    {
        for (int row = 0; row < categories.Length; row++)
        {
            float[] soft = ByRow.Row(y, row, k);
            double[] sums = ByRow.Row(scores, row, k);
            if (sums.Any(double.IsNaN))
                continue;
            Assert.That(soft[categories[row]], Is.EqualTo(soft.Max()), $"{what}, row {row}");
            double slack = Tolerance.FloorUlps * Tolerance.Ulp(Math.Max(1, sums.Where(double.IsFinite).Max(Math.Abs)));
            Assert.That(sums[categories[row]] >= sums.Max() - slack, $"{what}, row {row}: score {sums[categories[row]]} instead of {sums.Max()}");
        }
    }

    private static T[] Backward<T>(float[] y, float[] grad, float[] before, int k, float temperature)
        where T : System.Numerics.IFloatingPointIeee754<T> =>
        [.. Enumerable.Range(0, y.Length / k).SelectMany(r => GumbelSoftmaxReference.Backward(
            ByRow.As<T>(ByRow.Row(y, r, k)), ByRow.As<T>(ByRow.Row(grad, r, k)), T.CreateChecked(temperature), ByRow.As<T>(ByRow.Row(before, r, k))))];

    private static double Magnitude(float[] y, float[] grad, float temperature) =>
        grad.Any(float.IsNaN) ? 0 : grad.Zip(y, (g, p) => Math.Abs((double)g) * p).Max() / temperature;

    private static StepState State(float temperature) => new() { Step = Step, Temperature = temperature };
}
