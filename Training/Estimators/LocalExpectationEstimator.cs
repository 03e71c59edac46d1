using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Estimators;

/// <summary>
/// One joint sample an example, and each variable summed out exactly in turn while the others keep it: N K decoded rows. Unbiased, and for one variable exact.
/// </summary>
/// <remarks>M. K. Titsias, M. Lazaro-Gredilla, NeurIPS 2015.</remarks>
public sealed class LocalExpectationEstimator : Estimator
{
    private readonly Posterior posterior;
    private readonly DecodedRows rows;
    private readonly Codes samples, codes;
    private readonly Matrix probabilities, rowWeights;

    /// <summary>Reserves its memory.</summary>
    public LocalExpectationEstimator(Posterior posterior)
    {
        this.posterior = posterior;
        Arena arena = posterior.Vae.Arena;
        int width = posterior.Vae.CodeWidth;
        int r = checked(posterior.Batch * width);
        rows = posterior.BindRows(r);
        samples = posterior.Vae.HardCodes(posterior.Batch);
        codes = posterior.Vae.HardCodes(r);
        probabilities = arena.Matrix(posterior.Batch, width, MemoryUse.Codes);
        rowWeights = arena.Matrix(r, 1, MemoryUse.Codes);
        Reconstruction = arena.Matrix(posterior.Batch, 1, MemoryUse.Codes);
    }

    /// <inheritdoc/>
    public override string Name => "local-expectation";

    /// <inheritdoc/>
    public override int DecodedRows => rows.LogLikelihood.Rows;

    /// <inheritdoc/>
    public override Matrix Reconstruction { get; }

    /// <inheritdoc/>
    public override void Record(LaunchList list)
    {
        int n = posterior.Vae.Design.Latents;
        posterior.RecordSample(list, samples, 1);
        LocalExpectation.Enumerate(list, samples, codes);
        Softmax.Forward(list, posterior.PerVariable(posterior.Logits), posterior.PerVariable(probabilities));
        LocalExpectation.Weigh(list, probabilities, rowWeights, n, posterior.ExampleWeight);
        rows.ForwardWeighted(list, codes, posterior.Statistic, rowWeights);
        rows.Backward(list, codes, null);
        posterior.RecordKl(list);
        LocalExpectation.Backward(list, posterior.PerVariable(probabilities), rows.LogLikelihood, posterior.PerVariable(posterior.LogitsGrad), posterior.ExampleWeight);
        LocalExpectation.Reconstruction(list, probabilities, rows.LogLikelihood, Reconstruction, n);
    }
}
