using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>Partial sums of squares: their total, whatever the length of the gradient.</summary>
[SuiteOf(typeof(GradientNorm), InPlaceOfAReference = "a sum of squares")]
public class GradientNormTests(Target target) : AcceleratorSuite(target)
{
    [Test]
    public void Partials_AddUpToTheSquaredNorm([Values(1, 2, 127, 128, 129, 1000, 16411)] int length)
    {
        float[] gradient = Draws.Normal(new Random(length), length);
        float[] partials = Partials(gradient);
        double expected = gradient.Sum(value => (double)value * value);
        float naive = gradient.Aggregate(0f, (sum, value) => sum + (value * value));
        Tolerance.Check("norm", [(float)partials.Sum(value => (double)value)], [expected], [naive], 1);
        Assert.That(partials, Is.All.GreaterThanOrEqualTo(0f));
    }

    [Test]
    public void NonFiniteElement_Shows([Values(0, 500, 999)] int position, [Values(float.NaN, float.PositiveInfinity, float.NegativeInfinity)] float value)
    {
        float[] gradient = Draws.Normal(new Random(3), 1000);
        gradient[position] = value;
        Assert.That(float.IsFinite(Partials(gradient).Sum()), Is.False);
    }

    [Test]
    public void Partials_AreDeterministic()
    {
        float[] gradient = Draws.Normal(new Random(5), 1000);
        Repetition.IsBitIdentical(() => Partials(gradient));
    }

    private float[] Partials(float[] gradient)
    {
        GuardedMatrix partials = new(Device, Arena, 1, GradientNorm.Partials);
        ArrayView<float> view = Upload(gradient, 1, gradient.Length).View;
        Run(list => GradientNorm.Record(list, view, partials.Matrix));
        return partials.Download();
    }
}
