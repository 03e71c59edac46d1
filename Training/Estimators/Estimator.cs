using IlgpuVae.Model;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Estimators;

/// <summary>
/// A way to the gradient of the expected reconstruction, as a program over decoder rows: turn logits into rows of codes, let the decoder and the likelihood
/// give each row its log-likelihood, weigh the rows, pull back to the logits. It reserves its memory when it is built and then only records launches.
/// </summary>
/// <param name="inputs">What it works on.</param>
public abstract class Estimator(EstimatorInputs inputs)
{
    /// <summary>Its name on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>Decoder rows of one step.</summary>
    public abstract int DecodedRows { get; }

    /// <summary>Reconstruction of each row, [R, 1], nats; its mean is the step's reconstruction term.</summary>
    public abstract Matrix Reconstruction { get; }

    /// <summary>
    /// Whether <see cref="RecordRows"/> leaves the KL and its gradient too, in place of what stands in <see cref="LatentLayer.LogitsGrad"/>; otherwise the KL
    /// is there before it.
    /// </summary>
    protected virtual bool BringsItsOwnKl => false;

    /// <summary>What it works on.</summary>
    protected EstimatorInputs Inputs { get; } = inputs;

    /// <summary>
    /// The name of the bound that it maximises where that is not the ELBO: its mean gradient is then another than the exact estimator's. Null where it is.
    /// </summary>
    public virtual string? OtherObjective => null;

    /// <summary>What it remembers from step to step beyond the model's parameters; saved with a checkpoint. Null where it remembers nothing.</summary>
    public virtual Matrix? Memory => null;

    /// <summary>
    /// What it trains for itself beside the model: a baseline, a control variate. Recorded steps leave the gradients there, the step updates the values by Adam
    /// at <see cref="AuxiliaryRate"/>, and checkpoints keep them. Null where it trains nothing.
    /// </summary>
    public virtual ParameterSet? Auxiliary => null;

    /// <summary>Step size of <see cref="Auxiliary"/>.</summary>
    public virtual float AuxiliaryRate => 0f;

    /// <summary>
    /// Records everything between the encoder's forward pass and its backward pass: the KL, the rows, and dL/dl in <see cref="LatentLayer.LogitsGrad"/>.
    /// </summary>
    public void Record(LaunchList list)
    {
        if (!BringsItsOwnKl)
            Inputs.Latent.RecordKl(list);
        RecordRows(list);
    }

    /// <summary>Records the decoder rows, the decoder's gradients, and what they add to <see cref="LatentLayer.LogitsGrad"/>.</summary>
    protected abstract void RecordRows(LaunchList list);
}
