using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>Baselines of the score function.</summary>
[SuiteOf(typeof(Baseline), typeof(EstimatorReference))]
public class BaselineTests(Target target) : AcceleratorSuite(target)
{
    [Test]
    public void LeaveOneOut_IsTheMeanOfTheOthers([Values(2, 3, 7)] int samples, [Values(1, 5)] int examples, [Values(0, -90)] int common)
    {
        float[] f = [.. Draws.Normal(new Random(3), samples * examples, 4).Select(value => value + common)];
        float[] actual = Result(f.Length, 1, (list, advantages) => Baseline.LeaveOneOut(list, Upload(f, f.Length, 1), advantages, samples));
        double[] exact = EstimatorReference.LeaveOneOut(ByRow.As<double>(f), samples);
        Tolerance.Check("advantages", actual, exact, EstimatorReference.LeaveOneOut(f, samples), samples);
    }

    [Test]
    public void LeaveOneOut_OfOneSample_IsRefused()
    {
        Matrix f = Upload([1f, 2f], 2, 1), advantages = Arena.Matrix(2, 1, MemoryUse.Activations);
        Assert.That(() => Baseline.LeaveOneOut(new LaunchList(Device), f, advantages, 1), Throws.ArgumentException);
    }

    [Test]
    public void Subtract_TakesTheExamplesBaseline([Values(1, 3)] int samples)
    {
        Random random = new(5);
        float[] f = Draws.Normal(random, 4 * samples), baseline = Draws.Normal(random, 4);
        float[] actual = Result(f.Length, 1, (list, advantages) => Baseline.Subtract(list, Upload(f, f.Length, 1), Upload(baseline, 4, 1), advantages));
        Repetition.VerifyBits(actual, [.. f.Select((value, row) => value - baseline[row / samples])]);
    }

    [Test]
    public void MovingAverage_IsTheOneFromBeforeTheStep([Values(1, 6, 70, 1200)] int rows)
    {
        const float Decay = 0.8f;
        Random random = new(9);
        GuardedMatrix average = new(Device, Arena, 1, 2);
        Device.Upload<float>(average.Matrix.View, [0f, 0f]);
        List<double> means = [];
        for (int step = 0; step < 6; step++)
        {
            float[] f = [.. Draws.Normal(random, rows, 3).Select(value => value - 40f)];

            // Weights (1 - decay) decay^age over the past steps, divided by their sum: without a start at 0 that would linger.
            double[] weights = [.. means.Select((_, past) => (1 - (double)Decay) * Math.Pow(Decay, means.Count - 1 - past))];
            double baseline = means.Count == 0 ? 0 : means.Zip(weights, (mean, weight) => mean * weight).Sum() / weights.Sum();
            float[] actual = Result(rows, 1, (list, advantages) => Baseline.MovingAverage(list, Upload(f, rows, 1), average.Matrix, advantages, Decay));

            // The baseline itself rounds at the size of f, not of the difference.
            Assert.That(actual.Zip(f, (a, value) => Math.Abs(a - (value - baseline))).Max(), Is.LessThan(8 * 40 * Math.Pow(2, -23)), $"step {step}");
            means.Add(f.Average(value => (double)value));
        }

        Assert.That(average.Download()[1], Is.EqualTo(1 - Math.Pow(Decay, 6)).Within(1e-6));
    }

    /// <summary>A variance that is not a number has to show: taken for 1, a run that has gone wrong would look healthy.</summary>
    [Test]
    public void NormaliseVariance_KeepsWhatIsNotANumber()
    {
        Matrix average = Upload([float.NaN, 1f], 1, 2);
        float[] actual = Result(3, 1, (list, normalised) => Baseline.NormaliseVariance(list, Upload([1f, 2f, 3f], 3, 1), normalised, average, 0.9f));
        Assert.That(actual, Is.All.NaN);
    }
}
