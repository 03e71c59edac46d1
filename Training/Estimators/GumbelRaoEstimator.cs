using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Estimators;

/// <summary>
/// st-gumbel-softmax with its pull-back averaged over M draws of the noise given the sample: the same expectation, less variance, still one decoded row a
/// sample.
/// </summary>
/// <remarks>M. B. Paulus, C. J. Maddison, A. Krause, ICLR 2021.</remarks>
internal sealed class GumbelRaoEstimator(
    EstimatorInputs inputs,
    int draws,
    int samples = 1,
    ObjectiveKind objective = ObjectiveKind.Elbo) : PathwiseEstimator(inputs, inputs.Vae.HardCodes(inputs.Batch * samples), objective)
{
    private readonly int samples = samples;
    private readonly Matrix perturbed = inputs.Vae.Arena.Matrix(inputs.Batch * samples, inputs.Vae.CodeWidth, MemoryUse.Codes);

    /// <inheritdoc/>
    public override string Name => "gumbel-rao";

    /// <inheritdoc/>
    protected override void Sample(LaunchList list) => Inputs.Latent.RecordSample(list, Codes, samples);

    /// <inheritdoc/>
    protected override void PullBack(LaunchList list) => GumbelRao.Backward(
        list,
        Inputs.State,
        Inputs.Latent.PerVariable(Logits),
        Codes,
        Inputs.Latent.PerVariable(CodesGrad),
        Inputs.Latent.PerVariable(LogitsGrad),
        Inputs.Latent.PerVariable(perturbed),
        draws,
        Inputs.Seed);
}
