using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Estimators;

/// <summary>
/// N categorical variables of K categories at work in a step: the batch's posterior logits and their gradient, the prior and its gradient, the KL between the
/// two. All of it lies on the device.
/// </summary>
public sealed class LatentLayer
{
    private readonly DiscreteVae vae;
    private readonly ContextRows? context;
    private readonly ArrayView<StepState> state;
    private readonly ulong seed;
    private readonly KlObjective objective;
    private readonly Matrix? priorGradRows;
    private readonly MarginalKlTerms? marginal;

    internal LatentLayer(DiscreteVae vae, Matrix logits, ArrayView<StepState> state, ulong seed, ContextRows? context, KlObjective objective)
    {
        (this.vae, this.state, this.seed, this.context, this.objective) = (vae, state, seed, context, objective);
        Logits = logits;
        LogitsGrad = vae.Arena.Matrix(logits.Rows, logits.Columns, MemoryUse.Activations);
        Kl = vae.Arena.Matrix(logits.Rows * vae.Design.Latents, 1, MemoryUse.Activations);
        if (vae.Design.Prior != PriorKind.Uniform)
            priorGradRows = vae.Arena.Matrix(logits.Rows, logits.Columns, MemoryUse.Activations);
        marginal = objective.IsSplit ? MarginalTerms() : null;
    }

    /// <summary>l [B, N K].</summary>
    public Matrix Logits { get; }

    /// <summary>dL/dl [B, N K], L the mean over the batch of the negative ELBO.</summary>
    public Matrix LogitsGrad { get; }

    /// <summary>KL of each variable of each example, [B N, 1], nats.</summary>
    public Matrix Kl { get; }

    /// <summary>KL of the batch's mean posterior for each variable, [N, 1], nats; null where the objective does not split the KL.</summary>
    public Matrix? MarginalKl => marginal?.MarginalKl;

    /// <summary>Mutual information of the batch's examples and each variable, [N, 1], nats; null where the objective does not split the KL.</summary>
    public Matrix? Information => marginal?.Information;

    /// <summary>P, how many priors the batch has: B where the prior is conditional, 1 otherwise.</summary>
    public int PriorRows => DiscreteVae.PriorRows(context);

    private float ExampleWeight => 1f / Logits.Rows;

    /// <summary>A matrix with a row for each variable of each example, [B N, K], on the same memory as [B, N K].</summary>
    public Matrix PerVariable(Matrix matrix) => matrix.Reshape(matrix.Rows * vae.Design.Latents, vae.Design.Categories);

    /// <summary>Records the prior's log-probabilities [P, N K], nats.</summary>
    public void RecordLogPrior(LaunchList list, Matrix logPrior) => vae.RecordLogPrior(list, logPrior, context);

    /// <summary>Records B S hard samples of the posterior, rows [example, sample].</summary>
    public void RecordSample(LaunchList list, Codes codes, int samples) =>
        CategoricalSample.Record(list, state, PerVariable(Logits), codes, seed, Randomness.Codes, samples);

    /// <summary>
    /// Records the gradient of the prior's logits, where it has any, from B S sampled codes and dL/d log p(z) of each, [B S, 1]: the sum of weight (z - p).
    /// </summary>
    public void RecordPriorScore(LaunchList list, Codes codes, Matrix weights)
    {
        if (priorGradRows is { } rows && vae.PriorOperand(context) is { } prior)
            ScoreFunction.Backward(list, codes, weights, prior.Reshape(PriorRows, vae.CodeWidth), rows, -1f, accumulate: false);
    }

    /// <summary>What the analytic KL reads and writes; an estimator with a table of log-likelihoods adds it and spares a pass.</summary>
    public CategoricalTerms KlTerms() => new()
    {
        Logits = PerVariable(Logits),
        Prior = vae.PriorOperand(context),
        Kl = Kl,
        LogitsGrad = PerVariable(LogitsGrad),
        PriorGrad = priorGradRows is { } rows ? PerVariable(rows) : null,
        Objective = objective,
    };

    /// <summary>Records the analytic KL's value alone, for objectives whose gradient comes from elsewhere.</summary>
    public void RecordKlValue(LaunchList list) => CategoricalPass.Record(list, KlTerms() with { LogitsGrad = null, PriorGrad = null }, state, ExampleWeight);

    /// <summary>Records the analytic KL: its value, and its gradient into <see cref="LogitsGrad"/> (overwritten) and the prior's.</summary>
    internal void RecordKl(LaunchList list) => CategoricalPass.Record(list, KlTerms(), state, ExampleWeight);

    /// <summary>Records what an objective that splits the KL adds to the gradients of the whole; call it behind the estimator.</summary>
    internal void RecordMarginalKl(LaunchList list)
    {
        if (marginal is not null)
            Kernels.MarginalKl.Record(list, marginal, state);
    }

    /// <summary>
    /// Records the gradient of the prior's parameters: the sum of its logits' over the batch, or the prior network's backward pass from them.
    /// </summary>
    internal void RecordPriorGradient(LaunchList list)
    {
        if (priorGradRows is not { } rows)
            return;
        if (vae.PriorLogits is { } shared)
            ColumnSum.Record(list, rows, shared.Gradient.Reshape(1, vae.CodeWidth));
        else
            context!.BackwardPrior(list, rows);
    }

    private MarginalKlTerms MarginalTerms()
    {
        CategoricalTerms pass = KlTerms();
        (int n, int k) = (vae.Design.Latents, vae.Design.Categories);
        Matrix Reserve(int rows, int columns) => vae.Arena.Matrix(rows, columns, MemoryUse.Activations);
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
