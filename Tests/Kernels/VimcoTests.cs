using IlgpuVae.Kernels;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>VIMCO's bound, signals and row weights.</summary>
[SuiteOf(typeof(Vimco), typeof(EstimatorReference))]
public class VimcoTests(Target target) : AcceleratorSuite(target)
{
    private const float Scale = 0.25f;

    private static readonly float[][] LogWeights =
    [
        [0f, 0f],
        [-3f, 1f, 0.5f, -90f],
        [1.5f, -0.25f, 0.75f, 2f, -1f],
        [1000f, 999f, -1000f, 998.5f, 0f],
        [-1000f, -1001f, -1000.5f, -1003f, -1000f],
        [1000f, -1000f],
        [-87f, -92f, -85f],
    ];

    [Test]
    public void TwoSamples_ByHand([Values] VimcoMean mean)
    {
        // w = (1, 3): L = log 2; the other's weight stands in for each, whatever the mean: L_-1 = log 3, L_-2 = log 1.
        (float[] bound, float[] signals, float[] weights) = Run([0f, MathF.Log(3f)], 2, mean);
        Tolerance.CheckRounded("result", bound, [Math.Log(2)], 1);
        Tolerance.CheckRounded("result", signals, [Math.Log(2.0 / 3) - 0.25, Math.Log(2) - 0.75], 1);
        Tolerance.CheckRounded("result", weights, [-Scale * 0.25, -Scale * 0.75], 1);
    }

    [Test]
    public void AnySamples_MatchFloat64([Values] VimcoMean mean, [ValueSource(nameof(LogWeights))] float[] logWeights)
    {
        // Twice the same example, so that rows of the second are looked at too.
        (float[] bound, float[] signals, float[] weights) = Run([.. logWeights, .. logWeights], logWeights.Length, mean);
        (double expectedBound, double[] expectedSignals, double[] expectedWeights) = EstimatorReference.Vimco(ByRow.As<double>(logWeights), mean);
        (float plainBound, float[] plainSignals, float[] plainWeights) = EstimatorReference.Vimco(logWeights, mean);
        Tolerance.Check("bound", bound, [expectedBound, expectedBound], [plainBound, plainBound], 1);
        Tolerance.Check("signals", signals, [.. expectedSignals, .. expectedSignals], [.. plainSignals, .. plainSignals], logWeights.Length);
        Tolerance.Check(
            "row weights", weights, [.. Enumerable.Repeat(expectedWeights, 2).SelectMany(v => v).Select(v => -Scale * v)],
            [.. Enumerable.Repeat(plainWeights, 2).SelectMany(v => v).Select(v => -Scale * v)], logWeights.Length);
    }

    [Test]
    public void OneSample_IsRefused()
    {
        Assert.That(() => Run([0f, 1f], 1, VimcoMean.Geometric), Throws.ArgumentException);
    }

    private (float[] Bound, float[] Signals, float[] Weights) Run(float[] logWeights, int samples, VimcoMean mean)
    {
        int rows = logWeights.Length;
        GuardedMatrix bound = new(Device, Arena, rows / samples, 1), signals = new(Device, Arena, rows, 1), weights = new(Device, Arena, rows, 1);
        Run(list => Vimco.Record(list, Upload(logWeights, rows, 1), bound.Matrix, signals.Matrix, weights.Matrix, mean, Scale));
        return (bound.Download(), signals.Download(), weights.Download());
    }
}
