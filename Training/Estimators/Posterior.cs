using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Estimators;

/// <summary>
/// What an estimator works on: the batch's posterior logits and their gradient, the data's statistic, the prior, the step's state. All of it lies on the device. What
/// a conditional model is told stays behind it: rows and priors of an example are the same calls with and without.
/// </summary>
public sealed class Posterior
{
    private readonly Matrix? priorGradRows;
    private readonly KlObjective objective;
    private readonly MarginalKlTerms? marginal;

    /// <summary>Reserves the memory around the encoder's logits [B, N K], of the examples with <paramref name="context"/> where the model is conditional.</summary>
    public Posterior(
        DiscreteVae vae, Matrix logits, SufficientStatistic statistic, Matrix encoderInput, ArrayView<StepState> state, ulong seed, BoundContext? context = null, KlObjective? objective = null)
    {
        this.objective = objective ?? new KlObjective();
        Vae = vae;
        Context = context;
        State = state;
        Seed = seed;
        Logits = logits;
        Statistic = statistic;
        EncoderInput = encoderInput;
        LogitsGrad = vae.Arena.Matrix(logits.Rows, logits.Columns, MemoryUse.Activations);
        Kl = vae.Arena.Matrix(logits.Rows * vae.Design.Latents, 1, MemoryUse.Activations);
        if (vae.Design.Prior != PriorKind.Uniform)
            priorGradRows = vae.Arena.Matrix(logits.Rows, logits.Columns, MemoryUse.Activations);
        marginal = this.objective.IsSplit ? MarginalTerms() : null;
    }

    /// <summary>The model.</summary>
    public DiscreteVae Vae { get; }

    /// <summary>The examples' contexts, or null where the model is not conditional.</summary>
    public BoundContext? Context { get; }

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

    /// <summary>What the likelihood knows of the examples.</summary>
    public SufficientStatistic Statistic { get; }

    /// <summary>What the encoder read, [B, inputs]: what a network beside the model may look at.</summary>
    public Matrix EncoderInput { get; }

    /// <summary>KL of each variable of each example, [B N, 1], nats.</summary>
    public Matrix Kl { get; }

    /// <summary>KL of the batch's mean posterior for each variable, [N, 1], nats; null where the objective does not split the KL.</summary>
    public Matrix? MarginalKl => marginal?.MarginalKl;

    /// <summary>Mutual information of the batch's examples and each variable, [N, 1], nats; null where the objective does not split the KL.</summary>
    public Matrix? Information => marginal?.Information;

    /// <summary>P, how many priors the batch has: B where the prior is conditional, 1 otherwise.</summary>
    public int PriorRows => DiscreteVae.PriorRows(Context);

    /// <summary>Weight of an example in the loss, 1 / B.</summary>
    public float ExampleWeight => 1f / Batch;

    /// <summary>A matrix with a row for each variable of each example, [B N, K], on the same memory as [B, N K].</summary>
    public Matrix PerVariable(Matrix matrix) => matrix.Reshape(matrix.Rows * Vae.Design.Latents, Vae.Design.Categories);

    /// <summary>The decoder and its backward pass on <paramref name="rows"/> rows of codes, R / B rows an example.</summary>
    public DecodedRows BindRows(int rows) => new(Vae, rows, training: true, Context);

    /// <summary>Records the prior's log-probabilities [P, N K], nats.</summary>
    public void RecordLogPrior(LaunchList list, Matrix logPrior) => Vae.RecordLogPrior(list, logPrior, Context);

    /// <summary>Records the analytic KL: its value, and its gradient into <see cref="LogitsGrad"/> (overwritten) and the prior's.</summary>
    public void RecordKl(LaunchList list) => CategoricalPass.Record(list, KlTerms(), State, ExampleWeight);

    /// <summary>Records the analytic KL's value alone, for objectives whose gradient comes from elsewhere.</summary>
    public void RecordKlValue(LaunchList list) => CategoricalPass.Record(list, KlTerms() with { LogitsGrad = null, PriorGrad = null }, State, ExampleWeight);

    /// <summary>Records B S hard samples of the posterior, rows [example, sample].</summary>
    public void RecordSample(LaunchList list, Codes codes, int samples) =>
        CategoricalSample.Record(list, State, PerVariable(Logits), codes, Seed, Randomness.Codes, samples);

    /// <summary>
    /// Records the gradient of the prior's logits, where it has any, from B S sampled codes and dL/d log p(z) of each, [B S, 1]: the sum of weight (z - p).
    /// </summary>
    public void RecordPriorScore(LaunchList list, Codes codes, Matrix weights)
    {
        if (priorGradRows is { } rows && Vae.PriorOperand(Context) is { } prior)
            ScoreFunction.Backward(list, codes, weights, prior.Reshape(PriorRows, Vae.CodeWidth), rows, -1f, accumulate: false);
    }

    /// <summary>What the analytic KL reads and writes; an estimator with a table of log-likelihoods adds it and spares a pass.</summary>
    public CategoricalTerms KlTerms() => new()
    {
        Logits = PerVariable(Logits),
        Prior = Vae.PriorOperand(Context),
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

    /// <summary>Records the gradient of the prior's parameters: the sum of its logits' over the batch, or the prior network's backward pass from them.</summary>
    public void RecordPriorGradient(LaunchList list)
    {
        if (priorGradRows is not { } rows)
            return;
        if (Vae.PriorLogits is { } shared)
            ColumnSum.Record(list, rows, shared.Gradient.Reshape(1, Vae.CodeWidth));
        else
            Context!.BackwardPrior(list, rows);
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
