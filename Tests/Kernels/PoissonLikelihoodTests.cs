using IlgpuVae.Kernels;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>The Poisson likelihood, its base measure added by row and by table, and rates at the ends of float32.</summary>
internal class PoissonLikelihoodTests(Target target) : LikelihoodSuite<PoissonLikelihood>(target)
{
    [Test]
    public void RatesAtTheEnds_AreZeroAndInfinite()
    {
        GuardedMatrix f = new(Device, Arena, 3, 1), gradient = new(Device, Arena, 3, 1);
        LikelihoodRows rows = new()
        {
            Outputs = Upload([-1e4f, 0f, 90f], 3, 1),
            Statistic = Upload([3f], 1, 1),
            LogBase = Upload([0.5f], 1, 1),
            LogLikelihood = f.Matrix,
            OutputsGrad = gradient.Matrix,
            Weight = 1f,
        };
        Run(list => RowLikelihood.Record(list, "test", rows, new PoissonLikelihood(), 1));
        Assert.That(f.Download(), Is.EqualTo(new[] { -29999.5f, -0.5f, float.NegativeInfinity }));
        Assert.That(gradient.Download(), Is.EqualTo(new[] { 3f, 2f, float.NegativeInfinity }));
    }

    /// <inheritdoc/>
    protected override IEnumerable<ILikelihoodReference> References(int dimensions) => [new PoissonReference(dimensions)];

    /// <inheritdoc/>
    protected override PoissonLikelihood Element(ILikelihoodReference reference) => new();

    /// <inheritdoc/>
    protected override float[] Observation(Random random, ILikelihoodReference reference) => BaseMeasureTests.Counts(random, reference.Dimensions);
}
