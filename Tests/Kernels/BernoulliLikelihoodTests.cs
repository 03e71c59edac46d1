using IlgpuVae.Kernels;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>The Bernoulli likelihood with grey targets, and at logits where softplus and the linear term are both huge.</summary>
internal class BernoulliLikelihoodTests(Target target) : LikelihoodSuite<BernoulliLikelihood>(target)
{
    [Test]
    public void HugeLogits_AreExact()
    {
        // One dimension a row, so that no large term hides a small one. x a - softplus(a) at a = +-1e4 has no rounding at all for these targets.
        float[] logits = [1e4f, 1e4f, 1e4f, -1e4f, -1e4f, -1e4f], targets = [0f, 0.25f, 1f, 0f, 0.25f, 1f];
        GuardedMatrix f = new(Device, Arena, 6, 1), gradient = new(Device, Arena, 6, 1);
        LikelihoodRows rows = new()
        {
            Outputs = Upload(logits, 6, 1),
            Statistic = Upload(targets, 6, 1),
            LogLikelihood = f.Matrix,
            OutputsGrad = gradient.Matrix,
            Weight = 1f,
        };
        Run(list => RowLikelihood.Record(list, "test", rows, new BernoulliLikelihood(), 1));
        Assert.That(f.Download(), Is.EqualTo(new[] { -1e4f, -7500f, 0f, 0f, -2500f, -1e4f }));
        Assert.That(gradient.Download(), Is.EqualTo(new[] { -1f, -0.75f, 0f, 0f, 0.25f, 1f }));
    }

    [Test]
    public void CertainTargets_KeepTheirSmallLogLikelihoods()
    {
        // -log(1 + e^-a) is about -e^-a: relative accuracy, row by row, where a difference of large numbers would return 0.
        float[] logits = [1f, 5f, 10f, 14f, 17f, 20f, 40f], targets = [1f, 1f, 1f, 1f, 1f, 1f, 1f];
        GuardedMatrix f = new(Device, Arena, logits.Length, 1);
        LikelihoodRows rows = new() { Outputs = Upload(logits, logits.Length, 1), Statistic = Upload(targets, logits.Length, 1), LogLikelihood = f.Matrix };
        Run(list => RowLikelihood.Record(list, "test", rows, new BernoulliLikelihood(), 1));
        float[] actual = f.Download();
        for (int i = 0; i < logits.Length; i++)
            Tolerance.CheckRounded($"logit {logits[i]}", [actual[i]], [-MathNet.Numerics.SpecialFunctions.Log1p(Math.Exp(-logits[i]))], 1);
    }

    [Test]
    public void NaN_ReachesItsOwnRowOnly()
    {
        float[] logits = [0.5f, float.NaN, -0.5f, 2f];
        GuardedMatrix f = new(Device, Arena, 4, 1), gradient = new(Device, Arena, 4, 1);
        LikelihoodRows rows = new()
        {
            Outputs = Upload(logits, 4, 1),
            Statistic = Upload([1f], 1, 1),
            LogLikelihood = f.Matrix,
            OutputsGrad = gradient.Matrix,
            Weight = 1f,
        };
        Run(list => RowLikelihood.Record(list, "test", rows, new BernoulliLikelihood(), 1));
        Assert.That(f.Download().Select(float.IsNaN), Is.EqualTo(new[] { false, true, false, false }));
        Assert.That(gradient.Download().Select(float.IsNaN), Is.EqualTo(new[] { false, true, false, false }));
    }

    /// <inheritdoc/>
    protected override IEnumerable<ILikelihoodReference> References(int dimensions) => [new BernoulliReference(dimensions)];

    /// <inheritdoc/>
    protected override BernoulliLikelihood Element(ILikelihoodReference reference) => new();

    /// <inheritdoc/>
    protected override float[] Observation(Random random, ILikelihoodReference reference) =>
        [.. Draws.Uniform(random, reference.Dimensions).Select((grey, d) => (d % 3) switch { 0 => 0f, 1 => 1f, _ => grey })];
}
