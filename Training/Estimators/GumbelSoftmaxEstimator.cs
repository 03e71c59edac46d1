using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Estimators;

/// <summary>
/// Relaxed samples y = softmax((l + g) / t), gradients through them. The straight-through form decodes the one-hot argmax of y and lets its
/// gradient pass as if it were y. Both are biased, less so at lower temperatures, where the gradient's variance grows. The KL stays analytic and categorical.
/// </summary>
/// <remarks>E. Jang, S. Gu, B. Poole, ICLR 2017; C. J. Maddison, A. Mnih, Y. W. Teh, ICLR 2017.</remarks>
internal sealed class GumbelSoftmaxEstimator : PathwiseEstimator
{
    private readonly Matrix soft;

    public GumbelSoftmaxEstimator(EstimatorInputs inputs, bool straightThrough, int samples = 1, ObjectiveKind objective = ObjectiveKind.Elbo)
        : base(inputs, straightThrough ? inputs.Vae.HardCodes(inputs.Batch * samples) : Relaxed(inputs.Vae, inputs.Batch * samples), objective) =>
        soft = straightThrough ? inputs.Vae.Arena.Matrix(Codes.Rows, Codes.Width, MemoryUse.Codes) : Codes.Weights;

    /// <inheritdoc/>
    public override string Name => Codes.IsHard ? "st-gumbel-softmax" : "gumbel-softmax";

    private static Codes Relaxed(DiscreteVae vae, int rows) => Codes.Relaxed(vae.Arena.Matrix(rows, vae.CodeWidth, MemoryUse.Codes), vae.Design.Latents);

    /// <inheritdoc/>
    protected override void Sample(LaunchList list) => GumbelSoftmax.Forward(
        list, Inputs.State, Inputs.Latent.PerVariable(Logits), Inputs.Latent.PerVariable(soft), Codes.IsHard ? Codes : null, Inputs.Seed, Randomness.Codes);

    /// <inheritdoc/>
    protected override void PullBack(LaunchList list) =>
        GumbelSoftmax.Backward(
            list, Inputs.State, Inputs.Latent.PerVariable(soft), Inputs.Latent.PerVariable(CodesGrad), Inputs.Latent.PerVariable(LogitsGrad));
}
