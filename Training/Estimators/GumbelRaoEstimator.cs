using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Estimators;

/// <summary>
/// st-gumbel-softmax with its pull-back averaged over M draws of the noise given the sample: the same expectation, less variance, still one decoded row.
/// </summary>
/// <remarks>M. B. Paulus, C. J. Maddison, A. Krause, ICLR 2021.</remarks>
public sealed class GumbelRaoEstimator : Estimator
{
    private readonly Posterior posterior;
    private readonly int draws;
    private readonly DecodedRows rows;
    private readonly Matrix codes, codesGrad, perturbed;

    /// <summary>Reserves its memory.</summary>
    public GumbelRaoEstimator(Posterior posterior, int draws)
    {
        this.posterior = posterior;
        this.draws = draws;
        Arena arena = posterior.Vae.Arena;
        rows = new DecodedRows(posterior.Vae, posterior.Batch, training: true);
        codes = arena.Matrix(posterior.Batch, posterior.Vae.CodeWidth, MemoryUse.Codes);
        codesGrad = arena.Matrix(posterior.Batch, posterior.Vae.CodeWidth, MemoryUse.Codes);
        perturbed = arena.Matrix(posterior.Batch, posterior.Vae.CodeWidth, MemoryUse.Codes);
    }

    /// <inheritdoc/>
    public override string Name => "gumbel-rao";

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
        GumbelRao.Backward(
            list, posterior.State, posterior.PerVariable(posterior.Logits), posterior.PerVariable(codes), posterior.PerVariable(codesGrad), posterior.PerVariable(posterior.LogitsGrad),
            posterior.PerVariable(perturbed), draws, posterior.Seed);
    }
}
