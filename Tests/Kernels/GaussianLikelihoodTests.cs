using IlgpuVae.Kernels;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>The Gaussian likelihood with a fixed and with a learned variance.</summary>
internal class GaussianLikelihoodTests(Target target) : LikelihoodSuite<GaussianLikelihood>(target)
{
    [Test]
    public void HugeLogVarianceOutputs_StayFinite()
    {
        // v saturates at +-8 and takes no gradient there.
        GuardedMatrix f = new(Device, Arena, 2, 1), gradient = new(Device, Arena, 2, 2);
        LikelihoodRows rows = new()
        {
            Outputs = Upload([0.5f, 1e4f, 0.5f, -1e4f], 2, 2),
            Statistic = Upload([0.75f, 0.5625f], 1, 2),
            LogLikelihood = f.Matrix,
            OutputsGrad = gradient.Matrix,
            Weight = 1f,
        };
        Run(list => RowLikelihood.Record(list, "test", rows, new GaussianLikelihood(1, 1, 0f), 1));
        double LogLikelihood(double v) => -0.5 * ((0.0625 * Math.Exp(-v)) + v + Math.Log(Math.Tau));
        Tolerance.CheckRounded("result", f.Download(), [LogLikelihood(8), LogLikelihood(-8)], 1);
        Tolerance.CheckRounded("result", gradient.Download(), [0.25 * Math.Exp(-8), 0, 0.25 * Math.Exp(8), 0], 1);
    }

    /// <inheritdoc/>
    protected override IEnumerable<ILikelihoodReference> References(int dimensions) =>
        [new GaussianReference(dimensions, -0.7f), new GaussianReference(dimensions, null)];

    /// <inheritdoc/>
    protected override GaussianLikelihood Element(ILikelihoodReference reference)
    {
        float? fixedLogVariance = ((GaussianReference)reference).FixedLogVariance;
        return new GaussianLikelihood(reference.Dimensions, fixedLogVariance is null ? 1 : 0, fixedLogVariance ?? 0f);
    }

    /// <inheritdoc/>
    protected override float[] Observation(Random random, ILikelihoodReference reference) => Draws.Normal(random, reference.Dimensions, 1.5);
}
