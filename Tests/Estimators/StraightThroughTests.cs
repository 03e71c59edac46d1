using IlgpuVae.Kernels;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.Estimators;

/// <summary>Both straight-through rules against their Jacobians.</summary>
public class StraightThroughTests(Target target) : EstimatorSuite(target)
{
    private static readonly (int Rows, int K)[] Shapes = [(1, 1), (7, 2), (5, 16), (3, 17), (2, 35)];

    [Test]
    public void PullBack_MatchesFloat64([Values] StraightThroughRule rule, [Values(1f, 0.4f, 1.7f)] float temperature)
    {
        foreach ((int rows, int k) in Shapes)
        {
            Random random = new(17);
            float[] logits = Draws.Normal(random, rows * k, 2), codes = Draws.OneHot(random, rows, 1, k);
            float[] g = Draws.Normal(random, rows * k), initial = Draws.Normal(random, rows * k);
            if (k > 1)
                logits[k - 1] = float.NegativeInfinity;
            float[] actual = Result(
                rows,
                k,
                (list, grad) => StraightThrough.Backward(
                    list, rule, Upload(new StepState { Scheduled = { Temperature = temperature } }), Upload(logits, rows, k), UploadCodes(codes, 1, k),
                        Upload(g, rows, k), grad),
                initial);
            double[] expected =
            [
                .. Enumerable.Range(0, rows)
                .SelectMany(row => Row(rule, temperature, row, k, Draws.As<double>(logits), Draws.As<double>(codes), Draws.As<double>(g))),
            ];
            float[] plain = [.. Enumerable.Range(0, rows).SelectMany(row => Row(rule, temperature, row, k, logits, codes, g))];
            FloatComparison.Verify(
                actual,
                [
                    .. expected.Zip(initial, (gradient, start) => start + gradient),
                ], [.. plain.Zip(initial, (gradient, start) => start + gradient)], $"{rows} rows, K = {k}");
        }
    }

    private static T[] Row<T>(StraightThroughRule rule, double temperature, int row, int k, T[] logits, T[] codes, T[] g)
        where T : struct, System.Numerics.IFloatingPointIeee754<T> => rule == StraightThroughRule.Plain
            ? EstimatorReference.Plain(Draws.Row(logits, row, k), Draws.Row(g, row, k), temperature)
            : EstimatorReference.ReinMax(Draws.Row(logits, row, k), Draws.Row(codes, row, k), Draws.Row(g, row, k), temperature);
}
