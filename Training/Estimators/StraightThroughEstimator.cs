using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Estimators;

/// <summary>
/// The decoder's gradient with respect to the one-hot code passes straight through to the logits, plainly or by ReinMax's second-order rule. Both are biased.
/// </summary>
/// <remarks>Y. Bengio, N. Leonard, A. Courville 2013; L. Liu et al., NeurIPS 2023.</remarks>
internal class StraightThroughEstimator(
    EstimatorInputs inputs,
    StraightThroughRule rule,
    int samples = 1,
    ObjectiveKind objective = ObjectiveKind.Elbo) : PathwiseEstimator(inputs, inputs.Vae.HardCodes(inputs.Batch * samples), objective)
{
    private readonly int samples = samples;

    /// <inheritdoc/>
    public override string Name => rule == StraightThroughRule.ReinMax ? "reinmax" : "straight-through";

    /// <inheritdoc/>
    protected override void Sample(LaunchList list) => Inputs.Latent.RecordSample(list, Codes, samples);

    /// <inheritdoc/>
    protected override void PullBack(LaunchList list) => StraightThrough.Backward(
        list, rule, Inputs.State, Inputs.Latent.PerVariable(Logits), Codes, Inputs.Latent.PerVariable(CodesGrad), Inputs.Latent.PerVariable(LogitsGrad));
}
