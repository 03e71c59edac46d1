using IlgpuVae.Kernels;
using IlgpuVae.Tests.KernelSuites;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.Estimators;

/// <summary>The importance-weighted bound's kernels, and logits laid out by sample.</summary>
public class ImportanceBoundKernelTests(Target target) : EstimatorSuite(target)
{
    [Test]
    public void BoundAndWeights_MatchFloat64([Values(1, 2, 7)] int samples, [Values(0, -300)] int common)
    {
        const int Examples = 5;
        float[] w = [.. Draws.Normal(new Random(3), Examples * samples, 3).Select(value => value + common)];
        GuardedMatrix bound = new(Device, Arena, Examples, 1), weights = new(Device, Arena, w.Length, 1);
        Run(list => ImportanceBound.Record(list, Upload(w, w.Length, 1), bound.Matrix, weights.Matrix, 0.25f));
        double[][] rows = [.. Enumerable.Range(0, Examples).Select(example => Draws.As<double>(Draws.Row(w, example, samples)))];
        FloatComparison.VerifyRounded(bound.Download(), [.. rows.Select(row => EstimatorReference.LogSumExp(row) - Math.Log(samples))]);
        double[] expected = [.. rows.SelectMany(row => EstimatorReference.Softmax(row).Select(v => -0.25 * v))];
        float[] naive =
        [
            .. Enumerable.Range(0, Examples).SelectMany(example => EstimatorReference.Softmax(Draws.Row(w, example, samples)).Select(v => -0.25f * v)),
        ];
        FloatComparison.Verify(weights.Download(), expected, naive);
    }

    /// <summary>Weights that are each less than half a unit in the last place of the largest, and not so together.</summary>
    [Test]
    public void ManySmallWeights_Count()
    {
        if (RowInputs.IsSimulatedGroup(Target))
            Assert.Ignore("Simulated groups are slow.");
        const int Samples = 1 << 16;
        float[] w = [0f, .. Enumerable.Repeat(-17.5f, Samples - 1)];
        GuardedMatrix bound = new(Device, Arena, 1, 1), weights = new(Device, Arena, Samples, 1);
        Run(list => ImportanceBound.Record(list, Upload(w, Samples, 1), bound.Matrix, weights.Matrix, 1f));
        double sum = 1 + ((Samples - 1) * Math.Exp(-17.5));
        Assert.That(bound.Download()[0], Is.EqualTo(Math.Log(sum / Samples)).Within(4 * Tolerance.Ulp(11)));
        Assert.That(weights.Download()[0], Is.EqualTo(-1 / sum).Within(4 * Tolerance.Ulp(1)));
    }

    [Test]
    public void CodesGradient_GainsTheWeighedLogRatio([Values(1, 4)] int priorRows)
    {
        const int Examples = 4, Samples = 3, Width = 6;
        Random random = new(5);
        float[] weights = Draws.Normal(random, Examples * Samples), q = Draws.Normal(random, Examples * Width), p = Draws.Normal(random, priorRows * Width);
        float[] start = Draws.Normal(random, Examples * Samples * Width);
        q[7] = float.NegativeInfinity;
        float[] actual = Result(
            Examples * Samples,
            Width,
            (list, grad) =>
                ImportanceBound.AddCodesGrad(list, Upload(weights, Examples * Samples, 1), Upload(q, Examples, Width), Upload(p, priorRows, Width), grad),
            start);
        double[] expected = [.. start.Select((value, i) =>
        {
            int row = i / Width, example = row / Samples, column = i % Width;
            double logQ = q[(example * Width) + column];
            return value + (double.IsFinite(logQ) ? weights[row] * (p[(example % priorRows * Width) + column] - logQ) : 0);
        })];
        float[] naive = [.. expected.Select(value => (float)value)];
        FloatComparison.Verify(actual, expected, naive);
    }

    [Test]
    public void Signals_AreAdvantagesLessTheNormalisedWeights()
    {
        float[] advantages = [2f, -1f], rowWeights = [-0.25f, -0.75f, -0.5f, -0.5f];
        float[] actual = Result(4, 1, (list, signals) => ImportanceBound.Signals(list, Upload(advantages, 2, 1), Upload(rowWeights, 4, 1), signals, 1f));
        FloatComparison.VerifyIdentical(actual, [1.75f, 1.25f, -1.5f, -1.5f]);
    }

    [Test]
    public void SampleRows_SpreadAndGather()
    {
        const int Examples = 3, Samples = 4, Width = 5;
        Random random = new(7);
        float[] logits = Draws.Normal(random, Examples * Width), grads = Draws.Normal(random, Examples * Samples * Width),
            start = Draws.Normal(random, Examples * Width);
        GuardedMatrix spread = new(Device, Arena, Examples * Samples, Width), zeroed = new(Device, Arena, Examples * Samples, Width);
        Run(list => SampleRows.Spread(list, Upload(logits, Examples, Width), spread.Matrix, zeroed.Matrix));
        FloatComparison.VerifyIdentical(
            spread.Download(), [.. Enumerable.Range(0, Examples * Samples).SelectMany(row => Draws.Row(logits, row / Samples, Width))]);
        Assert.That(zeroed.Download(), Is.All.Zero);
        float[] actual = Result(Examples, Width, (list, sum) => SampleRows.Gather(list, Upload(grads, Examples * Samples, Width), sum), start);
        double[] expected =
        [
            .. start.Select((value, i) => value + Enumerable.Range(0, Samples).Sum(s => (double)grads[((((i / Width) * Samples) + s) * Width) + (i % Width)])),
        ];
        FloatComparison.Verify(actual, expected, [.. expected.Select(value => (float)value)]);
    }
}
