using IlgpuVae.Runtime;
using IlgpuVae.Tests.KernelSuites;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.Estimators;

/// <summary>
/// REBAR and RELAX in expectation over their noise, which is continuous and has to be sampled: a million draws against the gradient by enumeration. f is
/// evaluated on the host between the sample and its pull-back, at hard and at relaxed codes.
/// </summary>
[TestFixtureSource(typeof(Target), nameof(Target.Best))]
public sealed class RebarExpectationTests(Target target) : AcceleratorSuite(target)
{
    private const int Rows = 250_000;
    private const int Launches = 4;

    // f and r go to the Device in float32, a few nats each.
    private const double Rounding = 2e-6;

    private static readonly float[] Ten = [0.3f, -0.6f, 1.1f, 0f, -1.4f, 0.8f, 0.2f, -0.1f, 0.5f, -0.9f];
    private static readonly float[] TenDecided = [0f, 0.4f, -0.3f, 5f, 0.1f, float.NegativeInfinity, 0.2f, -0.7f, 0.6f, -0.2f];

    private static readonly object[] Cases =
    [
        Case("K = 2", 0.3f, 0.6f, false, [0.3f, -0.7f]),
        Case("K = 2, N = 2, nearly decided", 1f, 1f, false, [3f, -2f], [0.5f, 0.1f]),
        Case("K = 2, N = 2, masked", 0.3f, 1f, true, [float.NegativeInfinity, 0.5f], [0.2f, -0.4f]),
        Case("K = 3, nearly decided", 0.3f, 1f, true, [-2f, 4f, 0.5f]),
        Case("K = 3, masked", 1f, 0.6f, false, [1.5f, float.NegativeInfinity, 0.4f]),
        Case("K = 3, N = 2", 0.3f, 0.6f, true, [0.2f, -1.1f, 0.7f], [0.9f, 0f, -0.3f]),
        Case("K = 10", 0.3f, 1f, true, Ten),
        Case("K = 10, N = 2, nearly decided and masked", 1f, 0.6f, false, Ten, TenDecided),
    ];

    private enum Defect
    {
        None,

        // The gradient through y~ is left out: with all gaps 0 the conditional noise does not move with the logits.
        ConditionalPath,

        // c(y~) in the score's advantage is 0.9 of the c whose gradient is taken.
        Mismatch,

        // The network's gradient is taken and its value forgotten.
        NetworkValue,
    }

    [TestCaseSource(nameof(Cases))]
    public void Mean_IsTheExactGradient(float[][] logits, float temperature, float eta, bool network) =>
        Assert.That(LargestZOf(logits, temperature, eta, network, Defect.None, Launches), Is.LessThan(Significance.Sigmas));

    [Test]
    public void BiasedVariants_AreTold([Values("ConditionalPath", "Mismatch", "NetworkValue")] string defect) =>
        Assert.That(
            LargestZOf([[0.2f, -1.1f, 0.7f], [0.9f, 0f, -0.3f]], 0.5f, 1f, true, Enum.Parse<Defect>(defect), 1), Is.GreaterThan(2 * Significance.Sigmas));

    private static TestCaseData Case(string what, float temperature, float eta, bool network, params float[][] logits) =>
        new TestCaseData(logits, temperature, eta, network).SetArgDisplayNames($"{what}, t = {temperature}, eta = {eta}{(network ? ", network" : "")}");

    private static RebarValues Evaluate(SmoothFunction f, SmoothFunction? r, float[] codes, float[] relaxed, int width)
    {
        float[] gradient = new float[relaxed.Length], networkGradient = new float[relaxed.Length];
        float[] hard = f.Values(codes, width), soft = f.Values(relaxed, width, gradient);
        return r is null
            ? new RebarValues(hard, soft, gradient)
            : new RebarValues(hard, soft, gradient, r.Values(relaxed, width, networkGradient), networkGradient);
    }

    private double LargestZOf(float[][] logits, float temperature, float eta, bool network, Defect defect, int launches)
    {
        (int n, int k) = (logits.Length, logits[0].Length);
        int width = n * k;
        Random random = new((31 * k) + n);
        SmoothFunction f = SmoothFunction.Random(width, random);
        SmoothFunction? r = network ? SmoothFunction.Random(width, random) : null;
        float[] example = [.. logits.SelectMany(row => row)], all = new float[Rows * width], zeros = new float[all.Length];
        for (int i = 0; i < all.Length; i++)
            all[i] = example[i % width];
        ColumnMoments statistics = new(width);
        for (int step = 1; step <= launches; step++)
        {
            using Arena arena = new(Device);
            RebarLaunch launch = new(Device, arena, all, n, k, 1) { Temperature = temperature, InitialScale = eta };
            (float[] codes, _, float[] relaxed) = launch.Draw(step, 179);
            RebarValues values = Evaluate(f, r, codes, relaxed, width);
            switch (defect)
            {
                case Defect.ConditionalPath:
                    launch.ReplaceGaps(zeros);
                    break;
                case Defect.Mismatch:
                    values = values with { ProbeF = Array.ConvertAll(values.ProbeF, value => 0.9f * value) };
                    break;
                case Defect.NetworkValue:
                    values = values with { R = new float[Rows] };
                    break;
                default:
                    break;
            }

            statistics.Add(launch.Backward(values, zeros, parts: false).LogitsGrad);
        }

        double[] descent = [.. Outcomes.Gradient(
            [.. logits.Select(row => EstimatorReference.Softmax(ByRow.As<double>(row)))],
            outcome => f.Value(ByRow.As<double>(Outcomes.OneHot(outcome, k)), default)).Select(value => -value)];
        return statistics.LargestZAgainst(descent, Rounding);
    }
}
