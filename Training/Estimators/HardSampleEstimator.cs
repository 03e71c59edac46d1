using IlgpuVae.Model;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Estimators;

/// <summary>One hard sample an example, decoded once; the gradient with respect to its one-hot code is pulled back to the logits by a rule of its own.</summary>
public abstract class HardSampleEstimator : Estimator
{
    private readonly DecodedRows rows;

    /// <summary>Reserves its memory.</summary>
    protected HardSampleEstimator(Posterior posterior)
    {
        Posterior = posterior;
        rows = posterior.BindRows(posterior.Batch);
        Codes = posterior.Vae.Arena.Matrix(posterior.Batch, posterior.Vae.CodeWidth, MemoryUse.Codes);
        CodesGrad = posterior.Vae.Arena.Matrix(posterior.Batch, posterior.Vae.CodeWidth, MemoryUse.Codes);
    }

    /// <inheritdoc/>
    public override int DecodedRows => Posterior.Batch;

    /// <inheritdoc/>
    public override Matrix Reconstruction => rows.LogLikelihood;

    /// <summary>What it works on.</summary>
    protected Posterior Posterior { get; }

    /// <summary>The samples [B, N K], one-hot.</summary>
    protected Matrix Codes { get; }

    /// <summary>dL/d codes [B, N K].</summary>
    protected Matrix CodesGrad { get; }

    /// <inheritdoc/>
    public override void Record(LaunchList list)
    {
        Posterior.RecordSample(list, Codes, 1);
        rows.Forward(list, Codes, Posterior.Statistic, -Posterior.ExampleWeight);
        rows.Backward(list, Codes, CodesGrad);
        Posterior.RecordKl(list);
        PullBack(list);
    }

    /// <summary>Records what <see cref="CodesGrad"/> adds to <see cref="Posterior.LogitsGrad"/>.</summary>
    protected abstract void PullBack(LaunchList list);
}
