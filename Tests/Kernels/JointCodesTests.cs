using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>Marginalisation over joint codes, kernel by kernel against float64 and the whole chain against the brute-force expectation.</summary>
public class JointCodesTests(Target target) : AcceleratorSuite(target)
{
    private const float Scale = 0.25f;

    /// <summary>Variables and categories: both variants, one code, one variable, many of two.</summary>
    private IEnumerable<(int N, int K)> Shapes => Target.IsSimulatedGroup
        ? [(1, 1), (2, 3), (3, 2), (2, 5), (4, 3)]
        :
        [
            (1, 1), (1, 7), (3, 1), (2, 3), (3, 2), (4, 2), (2, 5), (1, 33), (4, 4), (2, 17), (10, 2), (2, 33), (3, 10),
            (2, 64), (1, 300), (3, 17), (2, 100), (6, 3),
        ];

    [Test]
    public void Count_IsThePowerWhereItCanBeEnumerated()
    {
        Assert.That(JointCodes.Count(3, 10), Is.EqualTo(1000));
        Assert.That(JointCodes.Count(30, 2), Is.EqualTo(1 << 30));
        Assert.That(JointCodes.Count(31, 2), Is.Null);
        Assert.That(JointCodes.Count(200, 200), Is.Null);
        Assert.That(JointCodes.Count(100, 1), Is.EqualTo(1));
    }

    [Test]
    public void Codes_AreEnumeratedWithVariableZeroSlowest()
    {
        foreach ((int n, int k) in Shapes)
        {
            int[][] codes = JointCodesReference.Codes(n, k);
            GuardedCodes result = new(Device, Arena, codes.Length, n, k);
            Run(list => JointCodes.Enumerate(list, result.Codes));
            Assert.That(result.Download(), Is.EqualTo(codes.SelectMany(code => code)), $"{n} variables of {k}");
        }

        // Written out for two variables of three: 00 01 02 10 11 12 20 21 22.
        Assert.That(JointCodesReference.Codes(2, 3).Select(code => (code[0] * 10) + code[1]), Is.EqualTo(new[] { 0, 1, 2, 10, 11, 12, 20, 21, 22 }));
    }

    [Test]
    public void Terms_MatchFloat64(
        [Values(InputKind.Normal, InputKind.Outliers, InputKind.Hundreds, InputKind.Huge, InputKind.Masked, InputKind.OneHot, InputKind.NanRow)] InputKind kind)
    {
        foreach ((int n, int k) in Shapes)
        {
            foreach (int rows in kind != InputKind.Normal ? [3] : Target.IsSimulatedGroup ? [1, 3] : new[] { 1, 3, 65 })
                new JointCodesCase(Device, Arena, kind, rows, n, k, Scale).Verify(Run);
        }
    }

    [Test]
    public void Terms_MatchFloat64ForManyCodes()
    {
        if (!Target.IsSimulatedGroup)
            new JointCodesCase(Device, Arena, InputKind.Normal, 3, 16, 2, Scale).Verify(Run);
    }

    /// <summary>Softmax, joint probabilities, expectation and gradient one after the other, against differences of the brute-force expectation.</summary>
    [Test]
    public void Chain_MatchesDifferencesOfTheBruteForceExpectation([Values(1, 2, 3)] int n, [Values(2, 3)] int k)
    {
        (int rows, int s) = (2, JointCodes.Count(n, k)!.Value);
        float[] logits = RowInputs.Make(InputKind.Normal, rows * n, k, 1), f = RowInputs.Make(InputKind.Normal, rows, s, 2);
        Matrix log = Arena.Matrix(rows, n * k, MemoryUse.Activations), q = Arena.Matrix(rows, s, MemoryUse.Activations), table = Upload(f, rows, s);
        GuardedMatrix e = new(Device, Arena, rows, 1);
        Matrix grad = Arena.Matrix(rows, n * k, MemoryUse.Activations);
        Run(list =>
        {
            Softmax.LogForward(list, Upload(logits, rows * n, k), log.Reshape(rows * n, k));
            JointCodes.LogProbabilities(list, log, q, n, k);
            JointCodes.Expectation(list, q, table, e.Matrix);
            JointCodes.Backward(list, q, table, e.Matrix, log, grad, n, k, 1);
        });
        for (int row = 0; row < rows; row++)
        {
            double[] point = ByRow.As<double>(ByRow.Row(logits, row, n * k)), values = ByRow.As<double>(ByRow.Row(f, row, s));
            Assert.That(e.Download()[row], Is.EqualTo(JointCodesReference.BruteForce(point, values, n, k)).Within(8 * Tolerance.Ulp(1)));
            double[] expected = CentralDifference.Gradient(l => -JointCodesReference.BruteForce(l, values, n, k), point);
            float[] actual = ByRow.Row(Device.Download(grad.View), row, n * k);
            Assert.That(actual.Zip(expected, (a, b) => Math.Abs(a - b)).Max(), Is.LessThan(8 * Tolerance.Ulp(1)));
        }
    }

    [Test]
    public void Reference_GradientMatchesDifferences([Values(1, 2, 3)] int n, [Values(2, 3)] int k)
    {
        int[][] codes = JointCodesReference.Codes(n, k);
        double[] logits = ByRow.As<double>(RowInputs.Make(InputKind.Normal, 1, n * k, 3)), f = ByRow.As<double>(
            RowInputs.Make(InputKind.Normal, 1, codes.Length, 4));
        double[] log = [.. Enumerable.Range(0, n).SelectMany(variable => SoftmaxReference.LogSoftmax(ByRow.Row(logits, variable, k)))];
        double[] joint = JointCodesReference.LogProbabilities(log, codes, k);
        double e = JointCodesReference.Expectation(joint, f);
        Assert.That(joint.Sum(Math.Exp), Is.EqualTo(1).Within(1e-12));
        Assert.That(e, Is.EqualTo(JointCodesReference.BruteForce(logits, f, n, k)).Within(1e-12));
        double[] gradient = JointCodesReference.Gradient([.. joint.Select(Math.Exp)], f, e, log, codes, k);
        CentralDifference.Verify(l => JointCodesReference.BruteForce(l, f, n, k), logits, gradient);
    }

    [Test]
    public void Repeats_AreBitIdentical()
    {
        JointCodesCase once = new(Device, Arena, InputKind.Normal, 3, 3, 4, Scale);
        Repetition.IsBitIdentical(() => once.Compute(Run));
    }
}
