using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>What a context adds to the rows of its example, and the sum of the rows' gradients.</summary>
[SuiteOf(typeof(ContextAddition), InPlaceOfAReference = "sums")]
public class ContextAdditionTests(Target target) : AcceleratorSuite(target)
{
    // Examples, rows of each, columns.
    private static readonly (int B, int P, int H)[] Shapes = [(1, 1, 1), (3, 1, 7), (2, 5, 3), (5, 2, 17), (1, 33, 16), (7, 9, 1), (4, 3, 65)];

    [Test]
    public void Forward_MatchesFloat64(
        [ValueSource(nameof(Shapes))] (int B, int P, int H) shape,
        [Values(ActivationKind.Identity, ActivationKind.Relu, ActivationKind.Tanh)] ActivationKind activation)
    {
        (float[] x, float[] c) = Draw(shape);
        GuardedMatrix y = new(Device, Arena, shape.B * shape.P, shape.H), inPlace = new(Device, Arena, shape.B * shape.P, shape.H);
        Device.Upload<float>(inPlace.Matrix.View, x);
        Matrix context = Upload(c, shape.B, shape.H);
        Run(list =>
        {
            ContextAddition.Forward(list, activation, Upload(x, shape.B * shape.P, shape.H), context, y.Matrix);
            ContextAddition.Forward(list, activation, inPlace.Matrix, context, inPlace.Matrix);
        });
        float[] actual = y.Download();
        Tolerance.Check(
            shape.ToString(), actual, Sums<double>(shape, x, c, value => Act(activation, value)),
            Sums<float>(shape, x, c, value => (float)Act(activation, value)), shape.H);
        Repetition.VerifyBits(inPlace.Download(), actual, "in place");
    }

    [Test]
    public void Backward_SumsTheRowsOfEachExample([ValueSource(nameof(Shapes))] (int B, int P, int H) shape, [Values] bool accumulate)
    {
        (float[] xGrad, float[] start) = Draw(shape);
        GuardedMatrix cGrad = new(Device, Arena, shape.B, shape.H);
        if (accumulate)
            Device.Upload<float>(cGrad.Matrix.View, start);
        Run(list => ContextAddition.Backward(list, Upload(xGrad, shape.B * shape.P, shape.H), cGrad.Matrix, accumulate));
        float[] kept = accumulate ? start : new float[start.Length];
        Tolerance.Check(shape.ToString(), cGrad.Download(), Gradient<double>(shape, xGrad, kept), Gradient<float>(shape, xGrad, kept), shape.H);
    }

    [Test]
    public void WrongShapes_AreRefused()
    {
        LaunchList list = new(Device);
        Matrix rows = Arena.Matrix(6, 4, MemoryUse.Activations), narrow = Arena.Matrix(3, 3, MemoryUse.Activations),
            odd = Arena.Matrix(4, 4, MemoryUse.Activations), fitting = Arena.Matrix(3, 4, MemoryUse.Activations);
        foreach (Matrix wrong in new[] { narrow, odd })
        {
            Assert.That(() => ContextAddition.Forward(list, ActivationKind.Relu, rows, wrong, rows), Throws.ArgumentException);
            Assert.That(() => ContextAddition.Backward(list, rows, wrong, accumulate: false), Throws.ArgumentException);
        }

        Assert.That(() => ContextAddition.Forward(list, ActivationKind.Relu, rows, fitting, narrow), Throws.ArgumentException);
        Assert.That(() => ContextAddition.Forward(list, ActivationKind.Relu, rows, fitting, rows), Throws.Nothing);
    }

    private static (float[] Rows, float[] Examples) Draw((int B, int P, int H) shape)
    {
        Random random = new((shape.B * 31) + shape.P);
        return (Draws.Normal(random, shape.B * shape.P * shape.H), Draws.Normal(random, shape.B * shape.H));
    }

    private static double Act(ActivationKind activation, double x) =>
        activation switch { ActivationKind.Relu => Math.Max(x, 0), ActivationKind.Tanh => Math.Tanh(x), _ => x };

    private static T[] Sums<T>((int B, int P, int H) shape, float[] x, float[] c, Func<double, T> act)
        where T : struct, System.Numerics.IFloatingPointIeee754<T> =>
        [.. x.Select((value, i) => act(double.CreateChecked(T.CreateChecked(value) + T.CreateChecked(c[(i / shape.H / shape.P * shape.H) + (i % shape.H)]))))];

    private static T[] Gradient<T>((int B, int P, int H) shape, float[] xGrad, float[] start)
        where T : struct, System.Numerics.IFloatingPointIeee754<T>
    {
        T[] sums = ByRow.As<T>(start);
        for (int i = 0; i < xGrad.Length; i++)
            sums[(i / shape.H / shape.P * shape.H) + (i % shape.H)] += T.CreateChecked(xGrad[i]);
        return sums;
    }
}
