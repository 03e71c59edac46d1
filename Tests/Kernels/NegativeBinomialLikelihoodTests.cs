using IlgpuVae.Kernels;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>The negative-binomial likelihood with total counts below, at and above 1, and logits where a sigmoid is 0 or 1.</summary>
internal class NegativeBinomialLikelihoodTests(Target target) : LikelihoodSuite<NegativeBinomialLikelihood>(target)
{
    [Test]
    public void HugeLogits_AreExact()
    {
        GuardedMatrix f = new(Device, Arena, 4, 1), gradient = new(Device, Arena, 4, 1);
        LikelihoodRows rows = new()
        {
            Outputs = Upload([1e4f, -1e4f, 1e4f, -1e4f], 4, 1),
            Statistic = Upload([0f, 3f], 2, 1),
            LogLikelihood = f.Matrix,
            OutputsGrad = gradient.Matrix,
            Weight = 1f,
        };
        Run(list => RowLikelihood.Record(list, "test", rows, new NegativeBinomialLikelihood(2f), 1));
        Assert.That(f.Download(), Is.EqualTo(new[] { -2e4f, 0f, -2e4f, -3e4f }));
        Assert.That(gradient.Download(), Is.EqualTo(new[] { -2f, 0f, -2f, 3f }));
    }

    /// <inheritdoc/>
    protected override IEnumerable<ILikelihoodReference> References(int dimensions) =>
        [.. new[] { 0.4f, 1f, 10f }.Select(totalCount => new NegativeBinomialReference(dimensions, totalCount))];

    /// <inheritdoc/>
    protected override NegativeBinomialLikelihood Element(ILikelihoodReference reference) => new(((NegativeBinomialReference)reference).TotalCount);

    /// <inheritdoc/>
    protected override float[] Observation(Random random, ILikelihoodReference reference) => BaseMeasureTests.Counts(random, reference.Dimensions);
}
