using IlgpuVae.Kernels;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>The categorical likelihood with 2, 5, 8 and 17 levels.</summary>
internal class CategoricalLikelihoodTests(Target target) : LikelihoodSuite<CategoricalLikelihood>(target)
{
    [Test]
    public void HugeLogits_AreExact()
    {
        GuardedMatrix f = new(Device, Arena, 2, 1), gradient = new(Device, Arena, 2, 3);
        LikelihoodRows rows = new()
        {
            Outputs = Upload([1e4f, -1e4f, 0f, 1e4f, -1e4f, 0f], 2, 3),
            Statistic = Upload([1f, 0f, 0f, 0f, 1f, 0f], 2, 3),
            LogLikelihood = f.Matrix,
            OutputsGrad = gradient.Matrix,
            Weight = 1f,
        };
        Run(list => RowLikelihood.Record(list, "test", rows, new CategoricalLikelihood(3), 1));
        Assert.That(f.Download(), Is.EqualTo(new[] { 0f, -2e4f }));
        Assert.That(gradient.Download(), Is.EqualTo(new[] { 0f, 0f, 0f, -1f, 1f, 0f }));
    }

    /// <inheritdoc/>
    protected override IEnumerable<ILikelihoodReference> References(int dimensions) =>
        [.. new[] { 2, 5, 8, 17 }.Select(levels => new CategoricalReference(dimensions, levels))];

    /// <inheritdoc/>
    protected override CategoricalLikelihood Element(ILikelihoodReference reference) => new(((CategoricalReference)reference).Levels);

    /// <inheritdoc/>
    protected override float[] Observation(Random random, ILikelihoodReference reference) =>
        [.. Enumerable.Range(0, reference.Dimensions).Select(_ => (float)random.Next(((CategoricalReference)reference).Levels))];
}
