using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Estimators;

/// <summary>
/// One relaxed sample an example: y = softmax((l + g) / t), gradients through it. The straight-through form decodes the one-hot argmax of y and lets its
/// gradient pass as if it were y. Both are biased, less so at lower temperatures, where the gradient's variance grows. The KL stays analytic and categorical.
/// </summary>
/// <remarks>E. Jang, S. Gu, B. Poole, ICLR 2017; C. J. Maddison, A. Mnih, Y. W. Teh, ICLR 2017.</remarks>
public sealed class GumbelSoftmaxEstimator : Estimator
{
    private readonly Posterior posterior;
    private readonly DecodedRows rows;
    private readonly Matrix soft, codesGrad;
    private readonly Matrix? hard;

    /// <summary>Reserves its memory.</summary>
    public GumbelSoftmaxEstimator(Posterior posterior, bool straightThrough)
    {
        this.posterior = posterior;
        Arena arena = posterior.Vae.Arena;
        rows = posterior.BindRows(posterior.Batch);
        soft = arena.Matrix(posterior.Batch, posterior.Vae.CodeWidth, MemoryUse.Codes);
        codesGrad = arena.Matrix(posterior.Batch, posterior.Vae.CodeWidth, MemoryUse.Codes);
        hard = straightThrough ? arena.Matrix(posterior.Batch, posterior.Vae.CodeWidth, MemoryUse.Codes) : null;
    }

    /// <inheritdoc/>
    public override string Name => hard is null ? "gumbel-softmax" : "st-gumbel-softmax";

    /// <inheritdoc/>
    public override int DecodedRows => posterior.Batch;

    /// <inheritdoc/>
    public override Matrix Reconstruction => rows.LogLikelihood;

    /// <inheritdoc/>
    public override void Record(LaunchList list)
    {
        Matrix? hardRows = hard is { } oneHot ? posterior.PerVariable(oneHot) : null;
        Matrix decoded = hard ?? soft;
        GumbelSoftmax.Forward(list, posterior.State, posterior.PerVariable(posterior.Logits), posterior.PerVariable(soft), hardRows, posterior.Seed, Randomness.Codes);
        rows.Forward(list, decoded, posterior.Statistic, -posterior.ExampleWeight);
        rows.Backward(list, decoded, codesGrad);
        posterior.RecordKl(list);
        GumbelSoftmax.Backward(list, posterior.State, posterior.PerVariable(soft), posterior.PerVariable(codesGrad), posterior.PerVariable(posterior.LogitsGrad));
    }
}
