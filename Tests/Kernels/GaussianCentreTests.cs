using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>
/// The Gaussian's natural form of data far from 0, against its row form: the same table and the same gradient, whatever centre among the data it is measured
/// from.
/// </summary>
[SuiteOf(typeof(DataStatistic), typeof(GaussianReference))]
public class GaussianCentreTests(Target target) : AcceleratorSuite(target)
{
    private const int Examples = 5, Codes = 6;
    private const float Deviation = 0.05f;
    private const double Relative = 1e-4;

    private static readonly float[] Offsets = [2021f, 1e4f, -2021f];

    // One lane a row and a group a row, with whole fours and without.
    private static readonly int[] Widths = [1, 5, 16, 36, 65];

    [Test]
    public void Product_FarFromZeroMatchesRows([ValueSource(nameof(Offsets))] float offset, [ValueSource(nameof(Widths))] int dimensions, [Values] bool learned)
    {
        // Centres at the data's place, and off it by what a mean may be.
        foreach (float aside in new[] { 0f, 0.1f })
        {
            (float[] table, float[] gradient, float[] rows, float[] rowsGrad) = Compute(offset, offset + aside, dimensions, learned);
            Verify(table, rows);
            Verify(gradient, rowsGrad);
        }
    }

    [Test]
    public void Product_MeasuredFromZeroLosesThem()
    {
        // What the centre is for: if this ever passes by itself, the tests above say nothing.
        (float[] table, _, float[] rows, _) = Compute(2021f, 0f, 5, learned: false);
        Assert.That(table.Zip(rows, (a, b) => Math.Abs(a - b)).Max(), Is.GreaterThan(10));
    }

    private static void Verify(float[] actual, float[] expected)
    {
        float largest = expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++)
            Assert.That(actual[i], Is.EqualTo(expected[i]).Within(Relative * largest), $"[{i}] of {actual.Length}");
    }

    private (float[] Table, float[] Gradient, float[] Rows, float[] RowsGrad) Compute(float offset, float centred, int dimensions, bool learned)
    {
        Random random = new(dimensions);
        int width = learned ? 2 * dimensions : dimensions;
        float[] x = Draws.Normal(random, Examples * dimensions, 2 * Deviation), outputs = Draws.Normal(random, Codes * width, 2 * Deviation);
        for (int i = 0; i < x.Length; i++)
            x[i] += offset;

        // rho around where v is that of the fixed deviation.
        for (int i = 0; i < outputs.Length; i++)
            outputs[i] += i % width < dimensions ? offset : 8f * MathF.Atanh(MathF.Log(Deviation) / 4f);
        Matrix data = Upload(x, Examples, dimensions), decoded = Upload(outputs, Codes, width), centre = Upload(
            [.. Enumerable.Repeat(centred, dimensions)], 1, dimensions);
        Matrix given = Upload(Draws.Normal(random, Examples * Codes), Examples, Codes);
        GaussianLikelihood likelihood = new(dimensions, learned ? 1 : 0, 2f * MathF.Log(Deviation), centre.View);
        GuardedMatrix statistic = new(Device, Arena, Examples, 2 * dimensions), natural = new(Device, Arena, Codes, 2 * dimensions),
            normaliser = new(Device, Arena, 1, Codes);
        GuardedMatrix table = new(Device, Arena, Examples, Codes), naturalGrad = new(Device, Arena, Codes, 2 * dimensions),
            weights = new(Device, Arena, 1, Codes);
        GuardedMatrix gradient = new(Device, Arena, Codes, width), rows = new(Device, Arena, Examples * Codes, 1),
            rowsGrad = new(Device, Arena, Examples * Codes, width);
        LikelihoodRows pairs = new()
        {
            Outputs = Upload([.. Enumerable.Repeat(outputs, Examples).SelectMany(values => values)], Examples * Codes, width),
            Statistic = data,
            LogLikelihood = rows.Matrix,
            OutputsGrad = rowsGrad.Matrix,
            Weights = given.Reshape(Examples * Codes, 1),
        };
        Run(list =>
        {
            DataStatistic.WithSquares(list, data, centre, statistic.Matrix);
            NaturalForm.Forward(list, "natural", decoded, natural.Matrix, normaliser.Matrix, likelihood, dimensions);
            MatMul.Record(list, statistic.Matrix, Operand.Transpose(natural.Matrix), table.Matrix, new Epilogue { Bias = normaliser.Matrix.View });
            MatMul.Record(list, Operand.Transpose(given), statistic.Matrix, naturalGrad.Matrix);
            ColumnSum.Record(list, given, weights.Matrix);
            NaturalForm.Backward(list, "natural-grad", decoded, naturalGrad.Matrix, weights.Matrix, gradient.Matrix, likelihood, dimensions);
            RowLikelihood.Record(list, "rows", pairs, likelihood, dimensions);
        });

        float[] sums = new float[Codes * width], each = rowsGrad.Download();
        for (int i = 0; i < each.Length; i++)
            sums[i % sums.Length] += each[i];
        return (table.Download(), gradient.Download(), rows.Download(), sums);
    }
}
