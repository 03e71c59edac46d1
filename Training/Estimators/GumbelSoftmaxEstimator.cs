using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Estimators;

/// <summary>
/// Relaxed samples y = softmax((l + g) / t), gradients through them. The straight-through form decodes the one-hot argmax of y and lets its
/// gradient pass as if it were y. Both are biased, less so at lower temperatures, where the gradient's variance grows. The KL stays analytic and categorical.
/// </summary>
/// <remarks>E. Jang, S. Gu, B. Poole, ICLR 2017; C. J. Maddison, A. Mnih, Y. W. Teh, ICLR 2017.</remarks>
public sealed class GumbelSoftmaxEstimator : PathwiseEstimator
{
    private readonly Matrix soft;
    private readonly bool straightThrough;

    /// <summary>Reserves its memory.</summary>
    public GumbelSoftmaxEstimator(Posterior posterior, bool straightThrough, int samples = 1, Bound bound = Bound.Elbo)
        : base(posterior, samples, bound)
    {
        this.straightThrough = straightThrough;
        soft = straightThrough ? posterior.Vae.Arena.Matrix(Codes.Rows, Codes.Columns, MemoryUse.Codes) : Codes;
    }

    /// <inheritdoc/>
    public override string Name => straightThrough ? "st-gumbel-softmax" : "gumbel-softmax";

    /// <inheritdoc/>
    protected override void Sample(LaunchList list)
    {
        Matrix? hard = straightThrough ? Posterior.PerVariable(Codes) : null;
        GumbelSoftmax.Forward(list, Posterior.State, Posterior.PerVariable(Logits), Posterior.PerVariable(soft), hard, Posterior.Seed, Randomness.Codes);
    }

    /// <inheritdoc/>
    protected override void PullBack(LaunchList list) =>
        GumbelSoftmax.Backward(list, Posterior.State, Posterior.PerVariable(soft), Posterior.PerVariable(CodesGrad), Posterior.PerVariable(LogitsGrad));
}
