using IlgpuVae.Kernels;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>Every activation function and its backward pass, over all magnitudes, at the edges and in place.</summary>
[SuiteOf(typeof(ActivationFunction), typeof(ActivationReference))]
public class ActivationFunctionTests(Target target) : AcceleratorSuite(target)
{
    private const int Rows = 13;
    private const int Columns = 37;

    [Test]
    public void Forward_MatchesFloat64([Values] ActivationKind kind, [Values(0.01, 1, 10)] double deviation)
    {
        float[] x = Draws.Normal(new Random(3), Rows * Columns, deviation);
        Tolerance.Check(kind.ToString(), Forward(kind, x), Expected<double>(kind, x), Expected<float>(kind, x), Columns);
    }

    [Test]
    public void Backward_MatchesFloat64([Values] ActivationKind kind, [Values(0.01, 1, 10)] double deviation)
    {
        float[] x = Draws.Normal(new Random(5), Rows * Columns, deviation), yGrad = Draws.Normal(new Random(7), Rows * Columns);
        VerifyBackward(kind, Saved(kind, x), yGrad, Columns);
    }

    /// <summary>A whole number of fours, which graphics processors take four at a time.</summary>
    [Test]
    public void Fours_MatchFloat64([Values] ActivationKind kind)
    {
        const int Fours = 480;
        float[] x = Draws.Normal(new Random(19), Fours, 2), yGrad = Draws.Normal(new Random(23), Fours);
        Tolerance.Check(kind.ToString(), Forward(kind, x), Expected<double>(kind, x), Expected<float>(kind, x), Fours);
        VerifyBackward(kind, Saved(kind, x), yGrad, Fours);
    }

    [Test]
    public void Forward_AtTheEdges_IsExact([Values] ActivationKind kind)
    {
        float[] x = [0f, -1e4f, 1e4f, float.NaN];
        float low = kind switch { ActivationKind.Identity => -1e4f, ActivationKind.LeakyRelu => -100f, ActivationKind.Tanh => -1f, _ => 0f };
        float high = kind == ActivationKind.Tanh ? 1f : 1e4f;
        float[] y = Forward(kind, x);
        Tolerance.CheckRounded(kind.ToString(), y, [0, low, high, double.NaN], 1);
        Assert.That(y[0], Is.Zero);
    }

    [Test]
    public void Backward_AtTheEdges_IsExact([Values] ActivationKind kind)
    {
        float[] saved = Saved(kind, [-1e4f, 1e4f, float.NaN]);
        float low = kind switch { ActivationKind.Identity => 1f, ActivationKind.LeakyRelu => 0.01f, _ => 0f };
        float high = kind == ActivationKind.Tanh ? 0f : 1f;
        float[] gradient = Backward(kind, saved, [1f, 1f, 1f]);
        Assert.That(gradient[..2], Is.EqualTo(new[] { low, high }));

        // An activation whose slope depends on x continuously has none at NaN.
        if (kind is ActivationKind.Tanh or ActivationKind.Silu)
            Assert.That(gradient[2], Is.NaN);
    }

    [Test]
    public void Derivative_MatchesFiniteDifferences([Values] ActivationKind kind)
    {
        foreach (double x in new[] { -7.5, -0.6, -0.01, 0.02, 0.63, 9.0 })
        {
            const double Step = 1e-4;
            double saved = kind == ActivationKind.Silu ? x : ActivationReference.Value(kind, x);
            double difference = (ActivationReference.Value(kind, x + Step) - ActivationReference.Value(kind, x - Step)) / (2 * Step);
            Assert.That(ActivationReference.Derivative(kind, saved), Is.EqualTo(difference).Within(1e-8), $"at {x}");
        }
    }

    [Test]
    public void InPlace_GivesTheSame([Values] ActivationKind kind)
    {
        float[] x = Draws.Normal(new Random(11), Rows * Columns), yGrad = Draws.Normal(new Random(13), Rows * Columns);
        Runtime.Matrix values = Upload(x, Rows, Columns), gradient = Upload(yGrad, Rows, Columns);
        Run(list => ActivationFunction.Forward(list, kind, values, values));
        Run(list => ActivationFunction.Backward(list, kind, Upload(Saved(kind, x), Rows, Columns), gradient, gradient));
        Repetition.VerifyBits(Device.Download(values.View), Forward(kind, x));
        Repetition.VerifyBits(Device.Download(gradient.View), Backward(kind, Saved(kind, x), yGrad));
    }

    [Test]
    public void Forward_IsDeterministic() =>
        Repetition.IsBitIdentical(() => Forward(ActivationKind.Silu, Draws.Normal(new Random(17), Rows * Columns)));

    private void VerifyBackward(ActivationKind kind, float[] saved, float[] yGrad, int columns)
    {
        double[] expected = [.. saved.Zip(yGrad, (at, gradient) => gradient * ActivationReference.Derivative(kind, (double)at))];
        float[] naive = [.. saved.Zip(yGrad, (at, gradient) => gradient * ActivationReference.Derivative(kind, at))];
        Tolerance.Check(kind.ToString(), Backward(kind, saved, yGrad), expected, naive, columns);
    }

    private static float[] Saved(ActivationKind kind, float[] x) =>
        kind == ActivationKind.Silu ? x : [.. x.Select(value => ActivationReference.Value(kind, value))];

    private static T[] Expected<T>(ActivationKind kind, float[] x)
        where T : struct, System.Numerics.IFloatingPointIeee754<T> => [.. ByRow.As<T>(x).Select(value => ActivationReference.Value(kind, value))];

    private float[] Forward(ActivationKind kind, float[] x)
    {
        int rows = x.Length % Rows == 0 ? Rows : 1;
        GuardedMatrix y = new(Device, Arena, rows, x.Length / rows);
        Run(list => ActivationFunction.Forward(list, kind, Upload(x, rows, x.Length / rows), y.Matrix));
        return y.Download();
    }

    private float[] Backward(ActivationKind kind, float[] saved, float[] yGrad)
    {
        int rows = saved.Length % Rows == 0 ? Rows : 1, columns = saved.Length / rows;
        GuardedMatrix xGrad = new(Device, Arena, rows, columns);
        Run(list => ActivationFunction.Backward(list, kind, Upload(saved, rows, columns), Upload(yGrad, rows, columns), xGrad.Matrix));
        return xGrad.Download();
    }
}
