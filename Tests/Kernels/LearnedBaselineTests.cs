using IlgpuVae.Kernels;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>NVIL's kernels: what its network learns from, and the division of advantages by their running deviation.</summary>
public class LearnedBaselineTests(Target target) : AcceleratorSuite(target)
{
    private const float Decay = 0.8f;

    [Test]
    public void NetworkGrad_IsThatOfTheMeanSquaredAdvantage([Values(1, 3)] int samples, [Values(1, 5, 300)] int examples)
    {
        float[] advantages = Draws.Normal(new Random(23), samples * examples, 3);
        float[] actual = Result(examples, 1, (list, grad) => Baseline.NetworkGrad(list, Upload(advantages, advantages.Length, 1), grad));

        // a = f - baseline, so the gradient is that of mean (a - x)^2 at x = 0, an x for each example.
        double[] a = ByRow.As<double>(advantages);
        double[] exact = [.. Enumerable.Range(0, examples).Select(example =>
        {
            double Loss(double x) => ByRow.Row(a, example, samples).Sum(value => (value - x) * (value - x)) / a.Length;
            return (Loss(0.5) - Loss(-0.5)) / 1;
        })];
        Tolerance.Check(
            "gradient", actual, exact,
            [.. Enumerable.Range(0, examples).Select(example => -2f / advantages.Length * ByRow.Row(advantages, example, samples).Sum())], 1,
            [.. Enumerable.Range(0, examples).Select(example => 2.0 / advantages.Length * ByRow.Row(a, example, samples).Sum(Math.Abs))]);
    }

    // One lane, part of a group, and more rows than a group has lanes, in vectors and not; the advantages' deviation is below 1 in one case
    // and above it in the other.
    [Test]
    public void NormaliseVariance_DividesByTheDeviationFromBeforeTheStep(
        [Values(1, 6, 70, 1024, 1025)] int rows, [Values(0.1, 5)] double deviation, [Values] bool inPlace)
    {
        Random random = new(29);
        GuardedMatrix average = new(Device, Arena, 1, 2);
        Device.Upload<float>(average.Matrix.View, [0f, 0f]);
        double sum = 0, weight = 0;
        float plainSum = 0f, plainWeight = 0f;
        for (int step = 0; step < 5; step++)
        {
            float[] a = Draws.Normal(random, rows, deviation);
            GuardedMatrix source = new(Device, Arena, rows, 1), other = new(Device, Arena, rows, 1);
            GuardedMatrix normalised = inPlace ? source : other;
            Device.Upload<float>(source.Matrix.View, a);
            Run(list => Baseline.NormaliseVariance(list, source.Matrix, normalised.Matrix, average.Matrix, Decay));
            double variance = step == 0 ? 1 : sum / weight, divisor = Math.Max(1, Math.Sqrt(variance));
            float plainDivisor = step == 0 ? 1f : MathF.Max(1f, MathF.Sqrt(plainSum / plainWeight));
            Tolerance.Check($"step {step}", normalised.Download(), [.. a.Select(value => value / divisor)], [.. a.Select(value => value / plainDivisor)], rows);
            if (step == 0 || deviation < 1)
                Repetition.VerifyBits(normalised.Download(), a, "nothing to divide by");
            if (!inPlace)
                Repetition.VerifyBits(source.Download(), a, "what was read");
            sum = (Decay * sum) + ((1 - (double)Decay) * a.Average(value => (double)value * value));
            weight = (Decay * weight) + (1 - (double)Decay);
            plainSum = (Decay * plainSum) + ((1f - Decay) * a.Aggregate(0f, (total, value) => total + (value * value)) / rows);
            plainWeight = (Decay * plainWeight) + (1f - Decay);
            float[] memory = average.Download();
            Assert.That(memory[0], Is.EqualTo(sum).Within(1e-5 * sum));
            Assert.That(memory[1], Is.EqualTo(weight).Within(1e-6));
        }
    }

    [Test]
    public void NormaliseVariance_IsDeterministic([Values(70, 1025)] int rows)
    {
        float[] a = Draws.Normal(new Random(31), rows, 4);
        Repetition.IsBitIdentical(() =>
        {
            GuardedMatrix average = new(Device, Arena, 1, 2);
            Device.Upload<float>(average.Matrix.View, [0f, 0f]);
            Run(list => Baseline.NormaliseVariance(list, Upload(a, rows, 1), Upload(a, rows, 1), average.Matrix, Decay));
            return average.Download();
        });
    }
}
