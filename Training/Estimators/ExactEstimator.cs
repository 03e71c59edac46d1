using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Estimators;

/// <summary>
/// The expected reconstruction summed over all S = K^N joint codes: unbiased and without variance. Every code is decoded once for the whole batch, or, where
/// the decoder sees the examples' contexts, once for each example; one variable goes through the fused categorical pass, several through their joint
/// distribution.
/// </summary>
internal sealed class ExactEstimator : Estimator
{
    private readonly ICodeDecoder codes;
    private readonly Matrix logLikelihoods;
    private readonly Matrix? logProbabilities, joint;

    /// <param name="inputs">What it works on.</param>
    /// <param name="chunkRows">The most rows decoded at a time where every example has its own.</param>
    /// <exception cref="InputException">The joint codes are too many.</exception>
    public ExactEstimator(EstimatorInputs inputs, int chunkRows = CodeDecoderByExample.ChunkRows)
        : base(inputs)
    {
        codes = inputs.Context is { } context
            ? new CodeDecoderByExample(inputs.Vae, context, training: true, chunkRows)
            : new CodeDecoder(inputs.Vae, training: true);
        Arena arena = inputs.Vae.Arena;
        logLikelihoods = arena.Matrix(inputs.Batch, codes.Count, MemoryUse.Codes);
        Reconstruction = arena.Matrix(inputs.Batch, 1, MemoryUse.Codes);
        if (inputs.Vae.Design.Latents > 1)
        {
            logProbabilities = arena.Matrix(inputs.Batch, inputs.Vae.CodeWidth, MemoryUse.Codes);
            joint = arena.Matrix(inputs.Batch, codes.Count, MemoryUse.Codes);
        }
    }

    /// <inheritdoc/>
    public override string Name => "exact";

    /// <inheritdoc/>
    public override int DecodedRows => codes.Rows;

    /// <inheritdoc/>
    public override Matrix Reconstruction { get; }

    // One variable's KL is a part of the fused pass.
    /// <inheritdoc/>
    protected override bool BringsItsOwnKl => joint is null;

    /// <inheritdoc/>
    protected override void RecordRows(LaunchList list)
    {
        codes.Decode(list);
        codes.LogLikelihoods(list, Inputs.Statistic, logLikelihoods);
        if (logProbabilities is { } logQ && joint is { } q)
            RecordJoint(list, logQ, q);
        else
            RecordOneVariable(list);
        codes.Backward(list, Inputs.Statistic, logLikelihoods);
    }

    private void RecordOneVariable(LaunchList list) => CategoricalPass.Record(
        list,
        Inputs.Latent.KlTerms() with { LogLikelihoods = logLikelihoods, Reconstruction = Reconstruction, LogLikelihoodsGrad = logLikelihoods },
        Inputs.State,
        Inputs.ExampleWeight);

    private void RecordJoint(LaunchList list, Matrix logQ, Matrix q)
    {
        (int n, int k) = (Inputs.Vae.Design.Latents, Inputs.Vae.Design.Categories);
        Softmax.LogForward(list, Inputs.Latent.PerVariable(Inputs.Latent.Logits), Inputs.Latent.PerVariable(logQ));
        JointCodes.LogProbabilities(list, logQ, q, n, k);
        JointCodes.Expectation(list, q, logLikelihoods, Reconstruction);
        JointCodes.Backward(list, q, logLikelihoods, Reconstruction, logQ, Inputs.Latent.LogitsGrad, n, k, Inputs.ExampleWeight);
        JointCodes.LogLikelihoodsGrad(list, q, logLikelihoods, Inputs.ExampleWeight);
    }
}
