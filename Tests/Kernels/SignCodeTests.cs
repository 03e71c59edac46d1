using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>Binary codes as -1 and +1: s[r, n] = code[r, n, 1] - code[r, n, 0].</summary>
[SuiteOf(typeof(SignCode), InPlaceOfAReference = "signs")]
public class SignCodeTests(Target target) : AcceleratorSuite(target)
{
    private static readonly (int R, int N)[] Shapes = [(1, 1), (3, 17), (33, 7), (64, 5)];

    [Test]
    public void Forward_IsTheDifference([ValueSource(nameof(Shapes))] (int R, int N) shape, [Values] bool oneHot)
    {
        Random random = new(shape.R);
        float[] codes = oneHot ? Draws.OneHot(random, shape.R, shape.N, 2) : Draws.Uniform(random, shape.R * shape.N * 2);
        GuardedMatrix signs = new(Device, Arena, shape.R, shape.N);
        Run(
            list =>
                SignCode.Forward(list, oneHot ? UploadCodes(codes, shape.N, 2) : Codes.Relaxed(Upload(codes, shape.R, 2 * shape.N), shape.N), signs.Matrix));
        float[] actual = signs.Download();

        // The difference of two float32 numbers is rounded once; there is nothing else to lose.
        Assert.That(actual, Is.EqualTo(Enumerable.Range(0, shape.R * shape.N).Select(i => codes[(2 * i) + 1] - codes[2 * i])));
        if (oneHot)
            Assert.That(actual, Is.All.EqualTo(1f).Or.EqualTo(-1f));
    }

    [Test]
    public void WrongShapes_AreRefused()
    {
        Matrix signs = Arena.Matrix(3, 2, MemoryUse.Activations);
        foreach ((int rows, int n, int k) in new[] { (3, 2, 3), (3, 1, 2), (2, 2, 2) })
            Assert.That(
                () => SignCode.Forward(new LaunchList(Device), Codes.Hard(Arena.Allocate<int>(rows * n, MemoryUse.Codes), rows, n, k), signs),
                Throws.ArgumentException);
    }

    [Test]
    public void Backward_IsTheTranspose([ValueSource(nameof(Shapes))] (int R, int N) shape)
    {
        float[] signsGrad = Draws.Normal(new Random(shape.N), shape.R * shape.N);
        GuardedMatrix codesGrad = new(Device, Arena, shape.R, 2 * shape.N);
        Run(list => SignCode.Backward(list, Upload(signsGrad, shape.R, shape.N), codesGrad.Matrix));
        Assert.That(codesGrad.Download(), Is.EqualTo(signsGrad.SelectMany(gradient => new[] { -gradient, gradient })));
    }
}
