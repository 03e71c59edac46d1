using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Estimators;

/// <summary>
/// The expected reconstruction summed over all S = K^N joint codes: unbiased and without variance. Every code is decoded once for the whole batch, or, where the
/// decoder sees the examples' contexts, once for each example; one variable goes through the fused categorical pass, several through their joint distribution.
/// </summary>
public sealed class ExactEstimator : Estimator
{
    private readonly Posterior posterior;
    private readonly IDecodedCodes codes;
    private readonly Matrix logLikelihoods;
    private readonly Matrix? logProbabilities, joint;

    /// <summary>Reserves its memory.</summary>
    /// <param name="posterior">What it works on.</param>
    /// <param name="chunkRows">The most rows decoded at a time where every example has its own.</param>
    /// <exception cref="InputException">The joint codes are too many.</exception>
    public ExactEstimator(Posterior posterior, int chunkRows = DecodedCodesByExample.ChunkRows)
    {
        this.posterior = posterior;
        codes = posterior.Context is { } context
            ? new DecodedCodesByExample(posterior.Vae, context, training: true, chunkRows)
            : new DecodedCodes(posterior.Vae, training: true);
        Arena arena = posterior.Vae.Arena;
        logLikelihoods = arena.Matrix(posterior.Batch, codes.Count, MemoryUse.Codes);
        Reconstruction = arena.Matrix(posterior.Batch, 1, MemoryUse.Codes);
        if (posterior.Vae.Design.Latents > 1)
        {
            logProbabilities = arena.Matrix(posterior.Batch, posterior.Vae.CodeWidth, MemoryUse.Codes);
            joint = arena.Matrix(posterior.Batch, codes.Count, MemoryUse.Codes);
        }
    }

    /// <inheritdoc/>
    public override string Name => "exact";

    /// <inheritdoc/>
    public override int DecodedRows => codes.Rows;

    /// <inheritdoc/>
    public override Matrix Reconstruction { get; }

    /// <inheritdoc/>
    public override void Record(LaunchList list)
    {
        codes.Decode(list);
        codes.LogLikelihoods(list, posterior.Statistic, logLikelihoods);
        if (logProbabilities is { } logQ && joint is { } q)
            RecordJoint(list, logQ, q);
        else
            RecordOneVariable(list);
        codes.Backward(list, posterior.Statistic, logLikelihoods);
    }

    private void RecordOneVariable(LaunchList list) => CategoricalPass.Record(
        list,
        posterior.KlTerms() with { LogLikelihoods = logLikelihoods, Reconstruction = Reconstruction, LogLikelihoodsGrad = logLikelihoods },
        posterior.State,
        posterior.ExampleWeight);

    private void RecordJoint(LaunchList list, Matrix logQ, Matrix q)
    {
        (int n, int k) = (posterior.Vae.Design.Latents, posterior.Vae.Design.Categories);
        posterior.RecordKl(list);
        Softmax.LogForward(list, posterior.PerVariable(posterior.Logits), posterior.PerVariable(logQ));
        JointCodes.LogProbabilities(list, logQ, q, n, k);
        JointCodes.Expectation(list, q, logLikelihoods, Reconstruction);
        JointCodes.Backward(list, q, logLikelihoods, Reconstruction, logQ, posterior.LogitsGrad, n, k, posterior.ExampleWeight);
        JointCodes.LogLikelihoodsGrad(list, q, logLikelihoods, posterior.ExampleWeight);
    }
}
