using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Estimators;

/// <summary>
/// One hard sample an example; the decoder's gradient with respect to the one-hot code passes straight through to the logits, plainly or by ReinMax's
/// second-order rule. Both are biased, with one decoded row.
/// </summary>
/// <remarks>Y. Bengio, N. Leonard, A. Courville 2013; L. Liu et al., NeurIPS 2023.</remarks>
public sealed class StraightThroughEstimator : Estimator
{
    private readonly Posterior posterior;
    private readonly StraightThroughRule rule;
    private readonly DecodedRows rows;
    private readonly Matrix codes, codesGrad;

    /// <summary>Reserves its memory.</summary>
    public StraightThroughEstimator(Posterior posterior, StraightThroughRule rule)
    {
        this.posterior = posterior;
        this.rule = rule;
        Arena arena = posterior.Vae.Arena;
        rows = new DecodedRows(posterior.Vae, posterior.Batch, training: true);
        codes = arena.Matrix(posterior.Batch, posterior.Vae.CodeWidth, MemoryUse.Codes);
        codesGrad = arena.Matrix(posterior.Batch, posterior.Vae.CodeWidth, MemoryUse.Codes);
    }

    /// <inheritdoc/>
    public override string Name => rule == StraightThroughRule.ReinMax ? "reinmax" : "straight-through";

    /// <inheritdoc/>
    public override int DecodedRows => posterior.Batch;

    /// <inheritdoc/>
    public override Matrix Reconstruction => rows.LogLikelihood;

    /// <inheritdoc/>
    public override void Record(LaunchList list)
    {
        posterior.RecordSample(list, codes, 1);
        rows.Forward(list, codes, posterior.Statistic, -posterior.ExampleWeight);
        rows.Backward(list, codes, codesGrad);
        posterior.RecordKl(list);
        StraightThrough.Backward(
            list, rule, posterior.State, posterior.PerVariable(posterior.Logits), posterior.PerVariable(codes), posterior.PerVariable(codesGrad), posterior.PerVariable(posterior.LogitsGrad));
    }
}
