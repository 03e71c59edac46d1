using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Estimators;

/// <summary>
/// What an estimator works on: the batch's posterior logits and their gradient, the data's statistic, the step's state. All of it lies on the device.
/// </summary>
public sealed class Posterior
{
    private readonly Matrix? priorGradRows;
    private readonly KlObjective objective;
    private readonly MarginalKlTerms? marginal;

    /// <summary>Reserves the memory around the encoder's logits [B, N K].</summary>
    public Posterior(DiscreteVae vae, Matrix logits, Matrix statistic, Matrix encoderInput, ArrayView<StepState> state, ulong seed, KlObjective? objective = null)
    {
        this.objective = objective ?? new KlObjective();
        Vae = vae;
        State = state;
        Seed = seed;
        Logits = logits;
        Statistic = statistic;
        EncoderInput = encoderInput;
        LogitsGrad = vae.Arena.Matrix(logits.Rows, logits.Columns, MemoryUse.Activations);
        Kl = vae.Arena.Matrix(logits.Rows * vae.Design.Latents, 1, MemoryUse.Activations);
        if (vae.PriorLogits is not null)
            priorGradRows = vae.Arena.Matrix(logits.Rows, logits.Columns, MemoryUse.Activations);
        marginal = this.objective.IsSplit ? MarginalTerms() : null;
    }

    /// <summary>The model.</summary>
    public DiscreteVae Vae { get; }

    /// <summary>B.</summary>
    public int Batch => Logits.Rows;

    /// <summary>The step's state.</summary>
    public ArrayView<StepState> State { get; }

    /// <summary>The run's seed.</summary>
    public ulong Seed { get; }

    /// <summary>l [B, N K].</summary>
    public Matrix Logits { get; }

    /// <summary>dL/dl [B, N K], L the mean over the batch of the negative ELBO.</summary>
    public Matrix LogitsGrad { get; }

    /// <summary>T(x) [B, T].</summary>
    public Matrix Statistic { get; }

    /// <summary>What the encoder read, [B, inputs]: what a network beside the model may look at.</summary>
    public Matrix EncoderInput { get; }

    /// <summary>KL of each variable of each example, [B N, 1], nats.</summary>
    public Matrix Kl { get; }

    /// <summary>KL of the batch's mean posterior for each variable, [N, 1], nats; null where the objective does not split the KL.</summary>
    public Matrix? MarginalKl => marginal?.MarginalKl;

    /// <summary>Mutual information of the batch's examples and each variable, [N, 1], nats; null where the objective does not split the KL.</summary>
    public Matrix? Information => marginal?.Information;

    /// <summary>Weight of an example in the loss, 1 / B.</summary>
    public float ExampleWeight => 1f / Batch;

    /// <summary>A matrix with a row for each variable of each example, [B N, K], on the same memory as [B, N K].</summary>
    public Matrix PerVariable(Matrix matrix) => matrix.Reshape(matrix.Rows * Vae.Design.Latents, Vae.Design.Categories);

    /// <summary>Records the analytic KL: its value, and its gradient into <see cref="LogitsGrad"/> (overwritten) and the prior's.</summary>
    public void RecordKl(LaunchList list) => CategoricalPass.Record(list, KlTerms(), State, ExampleWeight);

    /// <summary>Records the analytic KL's value alone, for objectives whose gradient comes from elsewhere.</summary>
    public void RecordKlValue(LaunchList list) => CategoricalPass.Record(list, KlTerms() with { LogitsGrad = null, PriorGrad = null }, State, ExampleWeight);

    /// <summary>Records hard samples [B S, N K] of the posterior, rows [example, sample].</summary>
    public void RecordSample(LaunchList list, Matrix codes, int samples)
    {
        (int n, int k) = (Vae.Design.Latents, Vae.Design.Categories);
        CategoricalSample.Record(list, State, PerVariable(Logits), codes.Reshape(codes.Rows * n, k), Seed, Randomness.Codes, samples, n);
    }

    /// <summary>
    /// Records the gradient of a learned prior's logits from sampled codes [B S, N K] and dL/d log p(z) of each, [B S, 1]: the sum of weight (z - p).
    /// </summary>
    public void RecordPriorScore(LaunchList list, Matrix codes, Matrix weights)
    {
        if (priorGradRows is { } rows && Vae.PriorLogits is { } prior)
            ScoreFunction.Backward(list, codes, weights, prior.Value.Reshape(1, Vae.CodeWidth), rows, Vae.Design.Latents, -1f, accumulate: false);
    }

    /// <summary>What the analytic KL reads and writes; an estimator with a table of log-likelihoods adds it and spares a pass.</summary>
    public CategoricalTerms KlTerms() => new()
    {
        Logits = PerVariable(Logits),
        Prior = Vae.PriorOperand,
        Kl = Kl,
        LogitsGrad = PerVariable(LogitsGrad),
        PriorGrad = priorGradRows is { } rows ? PerVariable(rows) : null,
        Objective = objective,
    };

    /// <summary>Records what an objective that splits the KL adds to the gradients of the whole; call it behind the estimator.</summary>
    public void RecordMarginalKl(LaunchList list)
    {
        if (marginal is not null)
            Kernels.MarginalKl.Record(list, marginal, State);
    }

    /// <summary>Records the sum of the prior's gradient over the batch.</summary>
    public void RecordPriorGradient(LaunchList list)
    {
        if (priorGradRows is { } rows && Vae.PriorLogits is { } prior)
            ColumnSum.Record(list, rows, prior.Gradient.Reshape(1, Vae.CodeWidth));
    }

    private MarginalKlTerms MarginalTerms()
    {
        CategoricalTerms pass = KlTerms();
        (int n, int k) = (Vae.Design.Latents, Vae.Design.Categories);
        Matrix Reserve(int rows, int columns) => Vae.Arena.Matrix(rows, columns, MemoryUse.Activations);
        return new MarginalKlTerms
        {
            Pass = pass,
            LogPosterior = Reserve(pass.Logits.Rows, k),
            LogPrior = pass.Prior is { } prior ? Reserve(prior.Rows, k) : null,
            LogRatio = Reserve(n, k),
            MarginalKl = Reserve(n, 1),
            Information = Reserve(n, 1),
        };
    }
}
