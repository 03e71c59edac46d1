using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.Estimators;

/// <summary>DisARM from its own sampler to its gradient: a million antithetic pairs against the gradient by enumeration.</summary>
[TestFixtureSource(typeof(Target), nameof(Target.Best))]
public sealed class DisarmMeanTests(Target target) : AcceleratorSuite(target)
{
    private const int Rows = 250_000;
    private const int Launches = 4;
    private const double Rounding = 2e-6;

    private static readonly object[] Cases =
    [
        Case("N = 1", [0.3f, -0.7f]),
        Case("N = 1, nearly decided", [-2f, 3f]),
        Case("N = 2", [0.3f, -0.7f], [-0.2f, 0.9f]),
        Case("N = 2, nearly decided and masked", [2f, -2.5f], [float.NegativeInfinity, 0.5f]),
    ];

    [TestCaseSource(nameof(Cases))]
    public void Mean_IsTheExactGradient(float[][] logits)
    {
        (int n, int width) = (logits.Length, 2 * logits.Length);
        SmoothFunction f = SmoothFunction.Random(width, new Random(41 + n));
        float[] example = [.. logits.SelectMany(row => row)], all = new float[Rows * width];
        for (int i = 0; i < all.Length; i++)
            all[i] = example[i % width];
        ColumnMoments coupled = new(width), wrong = new(width);
        for (int step = 1; step <= Launches; step++)
        {
            Matrix l = Upload(all, Rows, width);
            Codes codes = Codes.Hard(Arena.Allocate<int>(2 * Rows * n, MemoryUse.Codes), 2 * Rows, n, 2);
            Run(list => Disarm.Sample(list, Upload(new StepState { Step = step }), l, codes, seed: 191));
            float[] values = f.Values(OneHot.Rows(Device.Download(codes.Numbers), 2), width);
            coupled.Add(Backward(codes, values, l));

            // Without the antithetic sample's value it is no longer DisARM.
            float[] first = [.. values.Select((value, row) => row % 2 == 0 ? value : 0f)];
            wrong.Add(Backward(codes, first, l));
        }

        double[] descent = [.. Outcomes.Gradient(
            [.. logits.Select(row => EstimatorReference.Softmax(ByRow.As<double>(row)))],
            outcome => f.Value(ByRow.As<double>(Outcomes.OneHot(outcome, 2)), default)).Select(value => -value)];
        Assert.That(coupled.LargestZAgainst(descent, Rounding), Is.LessThan(Significance.Sigmas));
        Assert.That(wrong.LargestZAgainst(descent, Rounding), Is.GreaterThan(2 * Significance.Sigmas), "one value of a pair passes for both");
    }

    private static TestCaseData Case(string what, params float[][] logits) => new TestCaseData([logits]).SetArgDisplayNames(what);

    private float[] Backward(Codes codes, float[] values, Matrix l)
    {
        Matrix f = Upload(values, values.Length, 1), grad = Upload(new float[l.Length], l.Rows, l.Columns);
        Run(list => Disarm.Backward(list, codes, f, l, grad, 1f));
        return Device.Download(grad.View);
    }
}
