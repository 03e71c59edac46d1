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

    /// <summary>A moving average and a network of the example on top of it (NVIL).</summary>
    Learned,

    /// <summary>The mean of the example's other samples (RLOO).</summary>
    LeaveOneOut,
}

/// <summary>
/// The score-function estimator with S samples an example: dL/dl = -(1 / B S) sum (f - baseline) (z - q). Unbiased; its variance is the baseline's business.
/// </summary>
/// <remarks>R. J. Williams 1992; A. Mnih, K. Gregor, ICML 2014 (moving average); W. Kool et al. 2019 (leave-one-out).</remarks>
internal sealed class ReinforceEstimator : Estimator
{
    // NVIL's decay of the moving average.
    private const float AverageDecay = 0.8f;

    private readonly BaselineKind baseline;
    private readonly int samples;
    private readonly RowDecoder rows;
    private readonly Codes codes;
    private readonly Matrix gains, advantages, memory;
    private readonly WeightedBound? weighted;
    private readonly Matrix? signals;
    private readonly bool normalise;
    private readonly LearnedBaseline? learned;

    /// <param name="inputs">What it works on.</param>
    /// <param name="samples">S.</param>
    /// <param name="baseline">What is taken from the log-likelihoods.</param>
    /// <param name="normalise">Whether advantages are divided by their running standard deviation where that is above 1.</param>
    /// <param name="networkWidths">Hidden layers of a learned baseline.</param>
    /// <param name="rate">Step size of a learned baseline.</param>
    /// <param name="objective">The objective whose gradient is estimated; with the importance-weighted bound the baseline is taken from the bound of each
    /// example.</param>
    public ReinforceEstimator(
        EstimatorInputs inputs, int samples, BaselineKind baseline, bool normalise = false, IReadOnlyList<int>? networkWidths = null, float rate = 1e-3f,
            ObjectiveKind objective = ObjectiveKind.Elbo)
        : base(inputs)
    {
        this.normalise = normalise;
        AuxiliaryRate = rate;
        this.baseline = baseline;
        this.samples = samples;
        Arena arena = inputs.Vae.Arena;
        int r = inputs.Batch * samples;
        rows = inputs.BindRows(r);
        codes = inputs.Vae.HardCodes(r);
        if (objective == ObjectiveKind.Iwae)
        {
            weighted = new WeightedBound(inputs, samples);
            signals = arena.Matrix(r, 1, MemoryUse.Codes);
        }

        gains = weighted?.Value ?? rows.LogLikelihood;
        advantages = baseline == BaselineKind.None && !normalise ? gains : arena.Matrix(gains.Rows, 1, MemoryUse.Codes);
        memory = arena.Matrix(2, 2, MemoryUse.Codes);
        learned = baseline == BaselineKind.Learned ? new LearnedBaseline(inputs, networkWidths ?? [], gains.Rows) : null;
    }

    /// <inheritdoc/>
    public override string Name => "reinforce";

    /// <inheritdoc/>
    public override string? OtherObjective => weighted is null ? null : $"the {samples}-sample bound";

    /// <inheritdoc/>
    public override int DecodedRows => rows.LogLikelihood.Rows;

    /// <inheritdoc/>
    public override Matrix Reconstruction => rows.LogLikelihood;

    /// <inheritdoc/>
    public override Matrix? Memory => baseline is BaselineKind.MovingAverage or BaselineKind.Learned || normalise ? memory : null;

    /// <inheritdoc/>
    public override ParameterSet? Auxiliary => learned?.Parameters;

    /// <inheritdoc/>
    public override float AuxiliaryRate { get; }

    // The moving averages of the log-likelihood and of the squared advantage, each with its weight.
    private Matrix Average => new(memory.View.SubView(0, 2), 1, 2);

    private Matrix Variance => new(memory.View.SubView(2, 2), 1, 2);

    /// <inheritdoc/>
    protected override bool BringsItsOwnKl => weighted is not null;

    /// <inheritdoc/>
    protected override void RecordRows(LaunchList list)
    {
        Inputs.Latent.RecordSample(list, codes, samples);
        if (weighted is not null && signals is { } sampleSignals)
        {
            weighted.Record(list, rows, codes, null);
            RecordAdvantages(list);
            ImportanceBound.Signals(list, advantages, weighted.RowWeights, sampleSignals, Inputs.ExampleWeight);
            weighted.RecordScores(list, codes, sampleSignals, Inputs.ExampleWeight);
            return;
        }

        float weight = Inputs.ExampleWeight / samples;
        rows.Forward(list, codes, Inputs.Statistic, -weight);
        rows.Backward(list, codes, null);
        RecordAdvantages(list);
        ScoreFunction.Backward(list, codes, advantages, Inputs.Latent.Logits, Inputs.Latent.LogitsGrad, weight);
    }

    private void RecordAdvantages(LaunchList list)
    {
        switch (baseline)
        {
            case BaselineKind.LeaveOneOut:
                Baseline.LeaveOneOut(list, gains, advantages, samples);
                break;
            case BaselineKind.MovingAverage:
                Baseline.MovingAverage(list, gains, Average, advantages, AverageDecay);
                break;
            case BaselineKind.Learned:
                learned!.Record(list, gains, Average, advantages, AverageDecay);
                break;
        }

        if (normalise)
            Baseline.NormaliseVariance(list, baseline == BaselineKind.None ? gains : advantages, advantages, Variance, AverageDecay);
    }
}
