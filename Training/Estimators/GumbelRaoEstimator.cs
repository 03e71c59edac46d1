using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Estimators;

/// <summary>
/// st-gumbel-softmax with its pull-back averaged over M draws of the noise given the sample: the same expectation, less variance, still one decoded row.
/// </summary>
/// <remarks>M. B. Paulus, C. J. Maddison, A. Krause, ICLR 2021.</remarks>
public sealed class GumbelRaoEstimator(Posterior posterior, int draws) : HardSampleEstimator(posterior)
{
    private readonly Matrix perturbed = posterior.Vae.Arena.Matrix(posterior.Batch, posterior.Vae.CodeWidth, MemoryUse.Codes);

    /// <inheritdoc/>
    public override string Name => "gumbel-rao";

    /// <inheritdoc/>
    protected override void PullBack(LaunchList list) => GumbelRao.Backward(
        list,
        Posterior.State,
        Posterior.PerVariable(Posterior.Logits),
        Posterior.PerVariable(Codes),
        Posterior.PerVariable(CodesGrad),
        Posterior.PerVariable(Posterior.LogitsGrad),
        Posterior.PerVariable(perturbed),
        draws,
        Posterior.Seed);
}
