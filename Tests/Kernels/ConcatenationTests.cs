using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>Two matrices side by side.</summary>
[SuiteOf(typeof(Concatenation), InPlaceOfAReference = "copies")]
public class ConcatenationTests(Target target) : AcceleratorSuite(target)
{
    [Test]
    public void Rows_StandBehindEachOther([Values(1, 5, 33)] int rows, [Values(1, 7, 17)] int left, [Values(1, 4, 64)] int right)
    {
        float[] a = Draws.Normal(new Random(1), rows * left), b = Draws.Normal(new Random(2), rows * right);
        GuardedMatrix result = new(Device, Arena, rows, left + right);
        Run(list => Concatenation.Record(list, Upload(a, rows, left), Upload(b, rows, right), result.Matrix));
        Repetition.VerifyBits(
            result.Download(), [.. Enumerable.Range(0, rows).SelectMany(row => ByRow.Row(a, row, left).Concat(ByRow.Row(b, row, right)))]);
    }

    [Test]
    public void WrongShapes_AreRefused()
    {
        LaunchList list = new(Device);
        Matrix a = Arena.Matrix(3, 2, MemoryUse.Activations), b = Arena.Matrix(3, 4, MemoryUse.Activations), other = Arena.Matrix(2, 4, MemoryUse.Activations);
        Assert.That(() => Concatenation.Record(list, a, other, Arena.Matrix(3, 6, MemoryUse.Activations)), Throws.ArgumentException);
        Assert.That(() => Concatenation.Record(list, a, b, Arena.Matrix(3, 5, MemoryUse.Activations)), Throws.ArgumentException);
    }
}
