using IlgpuVae.Kernels;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>The rows of local expectation, their weights, and what comes back from them.</summary>
[SuiteOf(typeof(LocalExpectation), typeof(EstimatorReference))]
public class LocalExpectationTests(Target target) : AcceleratorSuite(target)
{
    private const float Scale = 0.37f;

    private static readonly (int B, int N, int K)[] Shapes = [(1, 1, 1), (3, 1, 4), (2, 3, 2), (5, 2, 17), (2, 4, 5)];

    [Test]
    public void Rows_AreTheSampleWithOneVariableReplaced([ValueSource(nameof(Shapes))] (int B, int N, int K) shape)
    {
        (int b, int n, int k) = shape;
        float[] samples = Draws.OneHot(new Random(23), b, n, k);
        float[] actual = ResultCodes(b * n * k, n, k, (list, codes) => LocalExpectation.Enumerate(list, UploadCodes(samples, n, k), codes));
        List<float> expected = [];
        for (int example = 0; example < b; example++)
        {
            for (int variable = 0; variable < n; variable++)
            {
                for (int category = 0; category < k; category++)
                {
                    float[] code = ByRow.Row(samples, example, n * k);
                    Array.Clear(code, variable * k, k);
                    code[(variable * k) + category] = 1f;
                    expected.AddRange(code);
                }
            }
        }

        Repetition.VerifyBits(actual, [.. expected]);
    }

    [Test]
    public void Weights_AreTheSharesOfEachRow([ValueSource(nameof(Shapes))] (int B, int N, int K) shape)
    {
        (int b, int n, int k) = shape;
        float[] q = Probabilities(shape);
        float[] actual = Result(q.Length, 1, (list, weights) => LocalExpectation.Weigh(list, Upload(q, b, n * k), weights, n, Scale));
        Tolerance.CheckRounded(shape.ToString(), actual, [.. q.Select(value => -(double)Scale * value / n)], 1);
    }

    [Test]
    public void PullBack_MatchesFloat64([ValueSource(nameof(Shapes))] (int B, int N, int K) shape)
    {
        (int b, int n, int k) = shape;
        Random random = new(29);
        float[] q = Probabilities(shape), f = LogLikelihoods(random, q), initial = Draws.Normal(random, q.Length);
        float[] actual = Result(b * n, k, (list, grad) => LocalExpectation.Backward(list, Upload(q, b * n, k), Upload(f, q.Length, 1), grad, Scale), initial);
        Tolerance.Check(
            shape.ToString(), actual, PullBack(ByRow.As<double>(q), ByRow.As<double>(f), ByRow.As<double>(initial), k), PullBack(q, f, initial, k), k);
    }

    [Test]
    public void Reconstruction_IsTheMeanOverVariables([ValueSource(nameof(Shapes))] (int B, int N, int K) shape)
    {
        (int b, int n, int k) = shape;
        float[] q = Probabilities(shape), f = LogLikelihoods(new Random(31), q);
        float[] actual = Result(b, 1, (list, result) => LocalExpectation.Reconstruction(list, Upload(q, b, n * k), Upload(f, q.Length, 1), result, n));
        Tolerance.Check(shape.ToString(), actual, Reconstruction(ByRow.As<double>(q), ByRow.As<double>(f), b, n), Reconstruction(q, f, b, n), 1);
    }

    private static float[] Probabilities((int B, int N, int K) shape)
    {
        float[] logits = Draws.Normal(new Random(37), shape.B * shape.N * shape.K, 2);
        if (shape.K > 1)
            logits[1] = float.NegativeInfinity;
        return [.. Enumerable.Range(0, shape.B * shape.N).SelectMany(row => EstimatorReference.Softmax(ByRow.Row(logits, row, shape.K)))];
    }

    // A category of no probability may well be impossible for the data too.
    private static float[] LogLikelihoods(Random random, float[] q) =>
        [.. Draws.Normal(random, q.Length, 20).Zip(q, (value, probability) => probability == 0f ? float.NegativeInfinity : value - 80f)];

    private static T[] PullBack<T>(T[] q, T[] f, T[] initial, int k)
        where T : struct, System.Numerics.IFloatingPointIeee754<T> =>
        [
            .. Enumerable.Range(0, q.Length / k)
                .SelectMany(row => SoftmaxReference.Backward(ByRow.Row(q, row, k), Finite(ByRow.Row(f, row, k))))
                .Zip(initial, (gradient, start) => start - (T.CreateChecked(Scale) * gradient)),
        ];

    private static T[] Finite<T>(T[] values)
        where T : struct, System.Numerics.IFloatingPointIeee754<T> => Array.ConvertAll(values, value => T.IsFinite(value) ? value : T.Zero);

    private static T[] Reconstruction<T>(T[] q, T[] f, int examples, int n)
        where T : struct, System.Numerics.IFloatingPointIeee754<T> =>
        [.. Enumerable.Range(0, examples).Select(row => SoftmaxReference.Sum(
            ByRow.Row(q, row, q.Length / examples)
                .Zip(ByRow.Row(f, row, q.Length / examples), (p, value) => p == T.Zero ? T.Zero : p * value)) / T.CreateChecked(n))];
}
