using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Estimators;

/// <summary>
/// Ascends the multi-sample bound log (1 / S) sum_s p(x, z_s) / q(z_s | x) with leave-one-out signals. Its gradient replaces the analytic KL's; the KL is still
/// reported. Beta does not apply.
/// </summary>
/// <remarks>A. Mnih, D. J. Rezende, ICML 2016.</remarks>
internal sealed class VimcoEstimator : Estimator
{
    private readonly VimcoMean mean;
    private readonly int samples;
    private readonly RowDecoder rows;
    private readonly WeightedBound bound;
    private readonly Codes codes;
    private readonly Matrix signals;

    /// <exception cref="InputException">Fewer than 2 samples.</exception>
    public VimcoEstimator(EstimatorInputs inputs, int samples, VimcoMean mean)
        : base(inputs)
    {
        RequireSeveral(samples);
        this.mean = mean;
        this.samples = samples;
        Arena arena = inputs.Vae.Arena;
        int r = inputs.Batch * samples;
        rows = inputs.BindRows(r);
        codes = inputs.Vae.HardCodes(r);
        bound = new WeightedBound(inputs, samples);
        signals = arena.Matrix(r, 1, MemoryUse.Codes);
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
    protected override bool BringsItsOwnKl => true;

    /// <inheritdoc/>
    protected override void RecordRows(LaunchList list)
    {
        Inputs.Latent.RecordSample(list, codes, samples);
        bound.RecordWeights(list, rows, codes);
        Vimco.Record(list, bound.LogWeights, bound.Value, signals, bound.RowWeights, mean, Inputs.ExampleWeight);
        bound.RecordBackward(list, rows, codes, null);
        bound.RecordScores(list, codes, signals, Inputs.ExampleWeight);
    }

    /// <summary>Checks that there are samples to compare.</summary>
    /// <exception cref="InputException">There are fewer than 2.</exception>
    internal static void RequireSeveral(int samples)
    {
        if (samples < 2)
        {
            throw new InputException(
                $"vimco compares an example's samples with each other and needs {Setting.Of(nameof(EstimatorSettings.Samples), 2)} or more, not {samples}.");
        }
    }
}
