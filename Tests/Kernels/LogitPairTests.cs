using IlgpuVae.Kernels;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>One logit a binary variable as two: l[r, n] = (0, phi[r, n]).</summary>
[SuiteOf(typeof(LogitPair), InPlaceOfAReference = "copies and sums of pairs")]
public class LogitPairTests(Target target) : AcceleratorSuite(target)
{
    private static readonly (int R, int N)[] Shapes = [(1, 1), (3, 17), (33, 7), (64, 5)];

    [Test]
    public void Forward_PutsZeroInFront([ValueSource(nameof(Shapes))] (int R, int N) shape)
    {
        float[] phi = Draws.Normal(new Random(shape.R), shape.R * shape.N);
        GuardedMatrix logits = new(Device, Arena, shape.R, 2 * shape.N);
        Run(list => LogitPair.Forward(list, Upload(phi, shape.R, shape.N), logits.Matrix));
        Assert.That(logits.Download(), Is.EqualTo(phi.SelectMany(value => new[] { 0f, value })));
    }

    [Test]
    public void Backward_TakesTheSecond([ValueSource(nameof(Shapes))] (int R, int N) shape)
    {
        float[] logitsGrad = Draws.Normal(new Random(shape.N), shape.R * shape.N * 2);
        GuardedMatrix phiGrad = new(Device, Arena, shape.R, shape.N);
        Run(list => LogitPair.Backward(list, Upload(logitsGrad, shape.R, 2 * shape.N), phiGrad.Matrix));
        Assert.That(phiGrad.Download(), Is.EqualTo(logitsGrad.Where((_, i) => i % 2 == 1)));
    }
}
