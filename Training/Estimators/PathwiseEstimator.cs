using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Estimators;

/// <summary>
/// S samples an example, hard or relaxed, whose decoder gradient is pulled back to the logits by the rule of the derived class. They ascend the ELBO, averaged
/// over samples, or the importance-weighted bound, through which each sample's gradient is weighted.
/// </summary>
internal abstract class PathwiseEstimator : Estimator
{
    private readonly RowDecoder rows;
    private readonly WeightedBound? bound;
    private readonly int samples;

    /// <param name="inputs">What it works on.</param>
    /// <param name="codes">The codes that are decoded, B S of them, rows [example, sample].</param>
    /// <param name="objective">The objective whose gradient is estimated.</param>
    protected PathwiseEstimator(EstimatorInputs inputs, Codes codes, ObjectiveKind objective)
        : base(inputs)
    {
        Codes = codes;
        samples = codes.Rows / inputs.Batch;
        Matrix Reserve() => inputs.Vae.Arena.Matrix(codes.Rows, codes.Width, MemoryUse.Codes);
        rows = inputs.BindRows(codes.Rows);
        this.bound = objective == ObjectiveKind.Iwae ? new WeightedBound(inputs, samples) : null;
        CodesGrad = Reserve();
        Logits = samples == 1 ? inputs.Latent.Logits : Reserve();
        LogitsGrad = samples == 1 ? inputs.Latent.LogitsGrad : Reserve();
    }

    /// <inheritdoc/>
    public override int DecodedRows => Codes.Rows;

    /// <inheritdoc/>
    public override Matrix Reconstruction => rows.LogLikelihood;

    /// <inheritdoc/>
    protected override bool BringsItsOwnKl => bound is not null;

    /// <inheritdoc/>
    public override string? OtherObjective => bound is null ? null : $"the {samples}-sample bound";

    /// <summary>Each sample's logits, [B S, N K], rows [example, sample].</summary>
    protected Matrix Logits { get; }

    /// <summary>dL/d of them, [B S, N K].</summary>
    protected Matrix LogitsGrad { get; }

    /// <summary>The codes that are decoded, B S of them.</summary>
    protected Codes Codes { get; }

    /// <summary>dL/d codes [B S, N K].</summary>
    protected Matrix CodesGrad { get; }

    /// <inheritdoc/>
    protected override void RecordRows(LaunchList list)
    {
        if (samples > 1)
            SampleRows.Spread(list, Inputs.Latent.Logits, Logits, LogitsGrad);
        Sample(list);
        if (bound is not null)
        {
            bound.Record(list, rows, Codes, CodesGrad);
            bound.RecordScores(list, Codes, bound.RowWeights, 1f);
        }
        else
        {
            rows.Forward(list, Codes, Inputs.Statistic, -Inputs.ExampleWeight / samples);
            rows.Backward(list, Codes, CodesGrad);
        }

        PullBack(list);
        if (samples > 1)
            SampleRows.Gather(list, LogitsGrad, Inputs.Latent.LogitsGrad);
    }

    /// <summary>Records the samples into <see cref="Codes"/>.</summary>
    protected abstract void Sample(LaunchList list);

    /// <summary>Records what <see cref="CodesGrad"/> adds to <see cref="LogitsGrad"/>.</summary>
    protected abstract void PullBack(LaunchList list);
}
