using IlgpuVae.Kernels;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>The importance-weighted bound with many samples, the kernels around it, and logits laid out by sample.</summary>
[SuiteOf(typeof(SampleRows), InPlaceOfAReference = "copies and sums")]
public class ImportanceBoundKernelTests(Target target) : AcceleratorSuite(target)
{
    /// <summary>Weights that are each less than half a unit in the last place of the largest, and not so together.</summary>
    [Test]
    public void ManySmallWeights_Count()
    {
        if (Target.IsSimulatedGroup)
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
        Tolerance.Check("gradient", actual, expected, naive, Width);
    }

    [Test]
    public void Signals_AreAdvantagesLessTheNormalisedWeights()
    {
        float[] advantages = [2f, -1f], rowWeights = [-0.25f, -0.75f, -0.5f, -0.5f];
        float[] actual = Result(4, 1, (list, signals) => ImportanceBound.Signals(list, Upload(advantages, 2, 1), Upload(rowWeights, 4, 1), signals, 1f));
        Repetition.VerifyBits(actual, [1.75f, 1.25f, -1.5f, -1.5f]);
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
        Repetition.VerifyBits(
            spread.Download(), [.. Enumerable.Range(0, Examples * Samples).SelectMany(row => ByRow.Row(logits, row / Samples, Width))]);
        Assert.That(zeroed.Download(), Is.All.Zero);
        float[] actual = Result(Examples, Width, (list, sum) => SampleRows.Gather(list, Upload(grads, Examples * Samples, Width), sum), start);
        double[] expected =
        [
            .. start.Select((value, i) => value + Enumerable.Range(0, Samples).Sum(s => (double)grads[((((i / Width) * Samples) + s) * Width) + (i % Width)])),
        ];
        Tolerance.Check("gradient", actual, expected, [.. expected.Select(value => (float)value)], Width);
    }
}
