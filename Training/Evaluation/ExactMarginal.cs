using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Evaluation;

/// <summary>log p(x) summed over all joint codes, which are decoded once for the whole split.</summary>
public sealed class ExactMarginal
{
    private readonly DiscreteVae vae;
    private readonly DecodedCodes codes;
    private readonly Matrix jointLogPrior;

    /// <summary>Reserves memory and records the decoding into <paramref name="prepare"/>.</summary>
    public ExactMarginal(DiscreteVae vae, LaunchList prepare)
    {
        this.vae = vae;
        codes = new DecodedCodes(vae, training: false);
        Matrix logPrior = vae.Arena.Matrix(1, vae.CodeWidth, MemoryUse.Codes);
        jointLogPrior = vae.Arena.Matrix(1, codes.Count, MemoryUse.Codes);
        vae.RecordJointLogPrior(prepare, logPrior, jointLogPrior);
        codes.Decode(prepare);
    }

    /// <summary>Records logLikelihood [B, 1], nats, of examples with statistic [B, T].</summary>
    public void Record(LaunchList list, Matrix statistic, Matrix logLikelihood)
    {
        Matrix table = vae.Arena.Matrix(statistic.Rows, codes.Count, MemoryUse.Codes);
        codes.LogLikelihoods(list, statistic, table);
        LogMarginal.Record(list, table, jointLogPrior, logLikelihood);
    }
}
