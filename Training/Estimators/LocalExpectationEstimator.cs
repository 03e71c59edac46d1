using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Estimators;

/// <summary>
/// One joint sample an example, and each variable summed out exactly in turn while the others keep it: N K decoded rows. Unbiased, and for one variable exact.
/// </summary>
/// <remarks>M. K. Titsias, M. Lazaro-Gredilla, NeurIPS 2015.</remarks>
internal sealed class LocalExpectationEstimator : Estimator
{
    private readonly RowDecoder rows;
    private readonly Codes samples, codes;
    private readonly Matrix probabilities, rowWeights;

    public LocalExpectationEstimator(EstimatorInputs inputs)
        : base(inputs)
    {
        Arena arena = inputs.Vae.Arena;
        int width = inputs.Vae.CodeWidth;
        int r = checked(inputs.Batch * width);
        rows = inputs.BindRows(r);
        samples = inputs.Vae.HardCodes(inputs.Batch);
        codes = inputs.Vae.HardCodes(r);
        probabilities = arena.Matrix(inputs.Batch, width, MemoryUse.Codes);
        rowWeights = arena.Matrix(r, 1, MemoryUse.Codes);
        Reconstruction = arena.Matrix(inputs.Batch, 1, MemoryUse.Codes);
    }

    /// <inheritdoc/>
    public override string Name => "local-expectation";

    /// <inheritdoc/>
    public override int DecodedRows => rows.LogLikelihood.Rows;

    /// <inheritdoc/>
    public override Matrix Reconstruction { get; }

    /// <inheritdoc/>
    protected override void RecordRows(LaunchList list)
    {
        int n = Inputs.Vae.Design.Latents;
        Inputs.Latent.RecordSample(list, samples, 1);
        LocalExpectation.Enumerate(list, samples, codes);
        Softmax.Forward(list, Inputs.Latent.PerVariable(Inputs.Latent.Logits), Inputs.Latent.PerVariable(probabilities));
        LocalExpectation.Weigh(list, probabilities, rowWeights, n, Inputs.ExampleWeight);
        rows.ForwardWeighted(list, codes, Inputs.Statistic, rowWeights);
        rows.Backward(list, codes, null);
        LocalExpectation.Backward(
            list, Inputs.Latent.PerVariable(probabilities), rows.LogLikelihood, Inputs.Latent.PerVariable(Inputs.Latent.LogitsGrad), Inputs.ExampleWeight);
        LocalExpectation.Reconstruction(list, probabilities, rows.LogLikelihood, Reconstruction, n);
    }
}
