using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Estimators;

/// <summary>
/// Ascends the multi-sample bound log (1 / S) sum_s p(x, z_s) / q(z_s | x) with leave-one-out signals. Its gradient replaces the analytic KL's; the KL is still
/// reported. Beta does not apply.
/// </summary>
/// <remarks>A. Mnih, D. J. Rezende, ICML 2016.</remarks>
public sealed class VimcoEstimator : Estimator
{
    private readonly Posterior posterior;
    private readonly VimcoMean mean;
    private readonly int samples;
    private readonly DecodedRows rows;
    private readonly Matrix codes, logPosterior, logPrior, logWeights, bound, signals, rowWeights;

    /// <summary>Reserves its memory.</summary>
    /// <exception cref="InputException">Fewer than 2 samples.</exception>
    public VimcoEstimator(Posterior posterior, int samples, VimcoMean mean)
    {
        if (samples < 2)
            throw new InputException($"vimco compares samples with each other and needs --samples 2 or more, not {samples}.");
        this.posterior = posterior;
        this.mean = mean;
        this.samples = samples;
        Arena arena = posterior.Vae.Arena;
        int r = posterior.Batch * samples;
        int width = posterior.Vae.CodeWidth;
        rows = posterior.BindRows(r);
        codes = arena.Matrix(r, width, MemoryUse.Codes);
        logPosterior = arena.Matrix(posterior.Batch, width, MemoryUse.Codes);
        logPrior = arena.Matrix(posterior.PriorRows, width, MemoryUse.Codes);
        logWeights = arena.Matrix(r, 1, MemoryUse.Codes);
        bound = arena.Matrix(posterior.Batch, 1, MemoryUse.Codes);
        signals = arena.Matrix(r, 1, MemoryUse.Codes);
        rowWeights = arena.Matrix(r, 1, MemoryUse.Codes);
    }

    /// <inheritdoc/>
    public override string Name => "vimco";

    /// <inheritdoc/>
    public override string? OtherObjective => $"the {samples}-sample bound";

    /// <inheritdoc/>
    public override int DecodedRows => codes.Rows;

    /// <inheritdoc/>
    public override Matrix Reconstruction => rows.LogLikelihood;

    /// <inheritdoc/>
    public override void Record(LaunchList list)
    {
        int n = posterior.Vae.Design.Latents;
        posterior.RecordSample(list, codes, samples);
        rows.Forward(list, codes, posterior.Statistic);
        Softmax.LogForward(list, posterior.PerVariable(posterior.Logits), posterior.PerVariable(logPosterior));
        posterior.RecordLogPrior(list, logPrior);
        ImportanceWeight.Record(list, codes, rows.LogLikelihood, logPosterior, logPrior, logWeights);
        Vimco.Record(list, logWeights, bound, signals, rowWeights, mean, posterior.ExampleWeight);
        rows.Weigh(list, posterior.Statistic, rowWeights);
        rows.Backward(list, codes, null);
        posterior.RecordKlValue(list);
        ScoreFunction.Backward(list, codes, signals, posterior.Logits, posterior.LogitsGrad, n, posterior.ExampleWeight, accumulate: false);
        posterior.RecordPriorScore(list, codes, rowWeights);
    }
}
