using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>Running sums over draws of a gradient: whatever its length, and without a word outside.</summary>
[SuiteOf(typeof(GradientMoments), InPlaceOfAReference = "sums of squares and products")]
public class GradientMomentsTests(Target target) : AcceleratorSuite(target)
{
    private const int Draws = 3;

    [Test]
    public void Sums_AreThoseOfTheDifference([Values(1, 7, 300)] int rows, [Values(2, 33)] int columns)
    {
        float[] exact = Reference.Draws.Normal(new Random(rows), rows * columns);
        float[] gradient = Reference.Draws.Normal(new Random(columns), rows * columns);
        (float[] sums, float[] squares, float cosine) = Accumulate(gradient, exact, rows, columns);
        double[] difference = [.. gradient.Zip(exact, (g, e) => (double)g - e)];
        Tolerance.CheckRounded("moments", sums, [.. difference.Select(d => Draws * d)], 1);
        Tolerance.CheckRounded("moments", squares, [.. difference.Select(d => Draws * d * d)], 1);
        double expected = gradient.Zip(exact, (g, e) => (double)g * e).Sum()
            / Math.Sqrt(gradient.Sum(g => (double)g * g)) / Math.Sqrt(exact.Sum(e => (double)e * e));
        Assert.That(cosine, Is.EqualTo(Draws * expected).Within(1e-5));
    }

    [Test]
    public void Cosine_OfADrawOfLength0Is0()
    {
        float[] exact = [1f, -2f, 3f], nothing = [0f, 0f, 0f];
        Assert.That(Accumulate(nothing, exact, 1, 3).Cosine, Is.Zero);
        Assert.That(Accumulate([.. exact.Select(value => -1e-30f * value)], exact, 1, 3).Cosine, Is.Zero, "squares below float32's range");
        Assert.That(Accumulate([.. exact.Select(value => -1e-15f * value)], exact, 1, 3).Cosine, Is.EqualTo(-Draws).Within(1e-5));
    }

    private (float[] Sums, float[] Squares, float Cosine) Accumulate(float[] gradient, float[] exact, int rows, int columns)
    {
        GuardedMatrix sums = new(Device, Arena, rows, columns), squares = new(Device, Arena, rows, columns), cosines = new(Device, Arena, 1, 1);
        foreach (GuardedMatrix result in new[] { sums, squares, cosines })
            Device.Upload<float>(result.Matrix.View, new float[result.Matrix.Length]);
        Matrix g = Upload(gradient, rows, columns), e = Upload(exact, rows, columns);
        for (int draw = 0; draw < Draws; draw++)
        {
            Run(list =>
            {
                GradientMoments.Add(list, g, e, sums.Matrix, squares.Matrix);
                GradientMoments.AddCosine(list, g, e, cosines.Matrix);
            });
        }

        return (sums.Download(), squares.Download(), cosines.Download()[0]);
    }
}
