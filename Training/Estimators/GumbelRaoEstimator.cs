using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Estimators;

/// <summary>
/// st-gumbel-softmax with its pull-back averaged over M draws of the noise given the sample: the same expectation, less variance, still one decoded row a sample.
/// </summary>
/// <remarks>M. B. Paulus, C. J. Maddison, A. Krause, ICLR 2021.</remarks>
public sealed class GumbelRaoEstimator(Posterior posterior, int draws, int samples = 1, Bound bound = Bound.Elbo) : PathwiseEstimator(posterior, posterior.Vae.HardCodes(posterior.Batch * samples), bound)
{
    private readonly int samples = samples;
    private readonly Matrix perturbed = posterior.Vae.Arena.Matrix(posterior.Batch * samples, posterior.Vae.CodeWidth, MemoryUse.Codes);

    /// <inheritdoc/>
    public override string Name => "gumbel-rao";

    /// <inheritdoc/>
    protected override void Sample(LaunchList list) => Posterior.RecordSample(list, Codes, samples);

    /// <inheritdoc/>
    protected override void PullBack(LaunchList list) => GumbelRao.Backward(
        list,
        Posterior.State,
        Posterior.PerVariable(Logits),
        Codes,
        Posterior.PerVariable(CodesGrad),
        Posterior.PerVariable(LogitsGrad),
        Posterior.PerVariable(perturbed),
        draws,
        Posterior.Seed);
}
