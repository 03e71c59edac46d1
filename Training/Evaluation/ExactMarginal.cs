using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Training.Evaluation;

/// <summary>
/// log p(x), or log p(x | c), and E_q[log p(x | z)], summed over all joint codes. They are decoded once for the whole split, or, where the decoder sees the
/// examples' contexts, for each example.
/// </summary>
internal sealed class ExactMarginal
{
    private readonly DiscreteVae vae;
    private readonly CodeDecoder? shared;

    /// <summary>Reserves memory and records into <paramref name="prepare"/> what is done once for the split.</summary>
    public ExactMarginal(DiscreteVae vae, LaunchList prepare)
    {
        this.vae = vae;
        if (vae.Design.ContextWidth == 0)
            shared = new CodeDecoder(vae, training: false);
        shared?.Decode(prepare);
    }

    /// <summary>
    /// Records logLikelihood [B, 1] and the expected reconstruction E_q[log p(x | z)] [B, 1], nats, of the examples of <paramref name="batch"/> with
    /// log-posterior [B, N K] and log-prior [P, N K].
    /// </summary>
    public void Record(LaunchList list, BatchEncoder batch, Matrix logPosterior, Matrix logPrior, Matrix logLikelihood, Matrix reconstruction)
    {
        ICodeDecoder codes = batch.Context is { } context ? new CodeDecoderByExample(vae, context, training: false) : shared!;
        Matrix table = vae.Arena.Matrix(logLikelihood.Rows, codes.Count, MemoryUse.Codes);
        Matrix jointLogPrior = vae.Arena.Matrix(logPrior.Rows, codes.Count, MemoryUse.Codes);
        JointCodes.LogProbabilities(list, logPrior, jointLogPrior, vae.Design.Latents, vae.Design.Categories);
        codes.LogLikelihoods(list, batch.Statistic, table);
        LogMarginal.Record(list, table, jointLogPrior, logLikelihood);
        Matrix q = vae.Arena.Matrix(logLikelihood.Rows, codes.Count, MemoryUse.Codes);
        JointCodes.LogProbabilities(list, logPosterior, q, vae.Design.Latents, vae.Design.Categories);
        JointCodes.Expectation(list, q, table, reconstruction);
    }
}
