using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Estimators;

/// <summary>What an estimator ascends; the value is the word on the command line.</summary>
public enum ObjectiveKind
{
    /// <summary>The evidence lower bound, with its analytic KL.</summary>
    Elbo,

    /// <summary>The importance-weighted bound log (1 / S) sum_s p(x, z_s) / q(z_s | x); for one sample the ELBO with a sampled KL.</summary>
    Iwae,
}

/// <summary>The importance-weighted bound of an estimator's decoded rows, and their weights in its gradient.</summary>
internal sealed class WeightedBound
{
    private readonly EstimatorInputs inputs;
    private readonly Matrix logPosterior, logPrior;

    /// <summary>Reserves its memory for <paramref name="samples"/> samples an example.</summary>
    internal WeightedBound(EstimatorInputs inputs, int samples)
    {
        this.inputs = inputs;
        Arena arena = inputs.Vae.Arena;
        int r = inputs.Batch * samples;
        logPosterior = arena.Matrix(inputs.Batch, inputs.Vae.CodeWidth, MemoryUse.Codes);
        logPrior = arena.Matrix(inputs.Latent.PriorRows, inputs.Vae.CodeWidth, MemoryUse.Codes);
        LogWeights = arena.Matrix(r, 1, MemoryUse.Codes);
        Value = arena.Matrix(inputs.Batch, 1, MemoryUse.Codes);
        RowWeights = arena.Matrix(r, 1, MemoryUse.Codes);
    }

    /// <summary>log w_s of each row, [B S, 1], nats.</summary>
    internal Matrix LogWeights { get; }

    /// <summary>The bound of each example, [B, 1], nats.</summary>
    internal Matrix Value { get; }

    /// <summary>-(1 / B) v_s of each row, [B S, 1], v the normalised weights.</summary>
    internal Matrix RowWeights { get; }

    /// <summary>
    /// Records the rows of B S codes: decoding, bound and weights, and the decoder's gradients; codesGrad is null where no gradient reaches the codes.
    /// </summary>
    internal void Record(LaunchList list, RowDecoder rows, Codes codes, Matrix? codesGrad)
    {
        RecordWeights(list, rows, codes);
        ImportanceBound.Record(list, LogWeights, Value, RowWeights, inputs.ExampleWeight);
        RecordBackward(list, rows, codes, codesGrad);
    }

    /// <summary>Records decoding and <see cref="LogWeights"/>, for a caller who makes the bound and <see cref="RowWeights"/> of them.</summary>
    internal void RecordWeights(LaunchList list, RowDecoder rows, Codes codes)
    {
        rows.Forward(list, codes, inputs.Statistic);
        Softmax.LogForward(list, inputs.Latent.PerVariable(inputs.Latent.Logits), inputs.Latent.PerVariable(logPosterior));
        inputs.Latent.RecordLogPrior(list, logPrior);
        ImportanceWeight.Record(list, codes, rows.LogLikelihood, logPosterior, logPrior, LogWeights);
    }

    /// <summary>Records the decoder's gradients from <see cref="RowWeights"/>.</summary>
    internal void RecordBackward(LaunchList list, RowDecoder rows, Codes codes, Matrix? codesGrad)
    {
        rows.Weigh(list, inputs.Statistic, RowWeights);
        rows.Backward(list, codes, codesGrad);
        if (codesGrad is { } grad)
            ImportanceBound.AddCodesGrad(list, RowWeights, logPosterior, logPrior, grad);
    }

    /// <summary>
    /// Records what the bound's own dependence on log q and log p gives, in place of the analytic KL's gradient: -signal d log q(z)/dl into the logits'
    /// (overwritten) for signals [B S, 1] of the scale <paramref name="scale"/>, and the prior's.
    /// </summary>
    internal void RecordScores(LaunchList list, Codes codes, Matrix signals, float scale)
    {
        inputs.Latent.RecordKlValue(list);
        ScoreFunction.Backward(list, codes, signals, inputs.Latent.Logits, inputs.Latent.LogitsGrad, scale, accumulate: false);
        inputs.Latent.RecordPriorScore(list, codes, RowWeights);
    }
}
