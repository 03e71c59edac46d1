using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Estimators;

/// <summary>What is taken from a sample's log-likelihood before it weighs the score function.</summary>
public enum BaselineKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A moving average of the log-likelihood.</summary>
    MovingAverage,

    /// <summary>The mean of the example's other samples (RLOO).</summary>
    LeaveOneOut,
}

/// <summary>
/// The score-function estimator with S samples an example: dL/dl = -(1 / B S) sum (f - baseline) (z - q). Unbiased; its variance is the baseline's business.
/// </summary>
/// <remarks>R. J. Williams 1992; A. Mnih, K. Gregor, ICML 2014 (moving average); W. Kool et al. 2019 (leave-one-out).</remarks>
public sealed class ReinforceEstimator : Estimator
{
    // NVIL's decay of the moving average.
    private const float AverageDecay = 0.8f;

    private readonly Posterior posterior;
    private readonly BaselineKind baseline;
    private readonly int samples;
    private readonly DecodedRows rows;
    private readonly Matrix codes, advantages, average;

    /// <summary>Reserves its memory.</summary>
    public ReinforceEstimator(Posterior posterior, int samples, BaselineKind baseline)
    {
        this.posterior = posterior;
        this.baseline = baseline;
        this.samples = samples;
        Arena arena = posterior.Vae.Arena;
        int r = posterior.Batch * samples;
        rows = posterior.BindRows(r);
        codes = arena.Matrix(r, posterior.Vae.CodeWidth, MemoryUse.Codes);
        advantages = baseline == BaselineKind.None ? rows.LogLikelihood : arena.Matrix(r, 1, MemoryUse.Codes);
        average = arena.Matrix(1, 2, MemoryUse.Codes);
    }

    /// <inheritdoc/>
    public override string Name => "reinforce";

    /// <inheritdoc/>
    public override int DecodedRows => rows.LogLikelihood.Rows;

    /// <inheritdoc/>
    public override Matrix Reconstruction => rows.LogLikelihood;

    /// <inheritdoc/>
    public override Matrix? Memory => baseline == BaselineKind.MovingAverage ? average : null;

    /// <inheritdoc/>
    public override void Record(LaunchList list)
    {
        posterior.RecordSample(list, codes, samples);
        float weight = posterior.ExampleWeight / samples;
        rows.Forward(list, codes, posterior.Statistic, -weight);
        rows.Backward(list, codes, null);
        posterior.RecordKl(list);
        if (baseline == BaselineKind.LeaveOneOut)
            Baseline.LeaveOneOut(list, rows.LogLikelihood, advantages, samples);
        else if (baseline == BaselineKind.MovingAverage)
            Baseline.MovingAverage(list, rows.LogLikelihood, average, advantages, AverageDecay);
        ScoreFunction.Backward(list, codes, advantages, posterior.Logits, posterior.LogitsGrad, posterior.Vae.Design.Latents, weight);
    }
}
