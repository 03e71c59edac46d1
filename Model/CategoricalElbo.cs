using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>What <see cref="CategoricalElbo.Evaluate"/> gives back; gradients are those of <paramref name="Loss"/>.</summary>
/// <param name="Loss">The mean over the batch of the negative ELBO, its KL weighed as the objective says, nats.</param>
/// <param name="Kl">KL(q || p) of each example, [B], nats.</param>
/// <param name="Reconstruction">sum_k q_k F_k of each example, [B], nats.</param>
/// <param name="LogitsGrad">dLoss/d logits, [B, K].</param>
/// <param name="PriorGrad">dLoss/d prior logits, in the shape they came in; empty for the uniform prior.</param>
/// <param name="LogLikelihoodsGrad">dLoss/dF, [B, K].</param>
public sealed record CategoricalElboTerms(
    double Loss, IReadOnlyList<float> Kl, IReadOnlyList<float> Reconstruction, IReadOnlyList<float> LogitsGrad, IReadOnlyList<float> PriorGrad,
        IReadOnlyList<float> LogLikelihoodsGrad);

/// <summary>
/// The exact negative ELBO of one categorical variable, with all its gradients, on host arrays: for encoders, priors and decoders that live elsewhere and only
/// hand over their numbers. It owns its device memory. What is on the device already goes through <see cref="CategoricalPass"/> without a copy.
/// </summary>
public sealed class CategoricalElbo : IDisposable
{
    private readonly ComputeDevice device;
    private readonly Arena arena;
    private readonly KlObjective objective;
    private readonly ArrayView<StepState> state;
    private readonly Matrix logits, prior, logPrior, logLikelihoods, kl, reconstruction, logitsGrad, priorGrad, priorGradSum, logPosterior, logRatio,
        marginalKl, information;

    /// <summary>Reserves memory for <paramref name="batch"/> examples of <paramref name="categories"/> categories.</summary>
    /// <param name="device">Where to compute.</param>
    /// <param name="batch">B.</param>
    /// <param name="categories">K.</param>
    /// <param name="objective">What of the KL is minimised; all of it when left out.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no examples or no categories.</exception>
    public CategoricalElbo(ComputeDevice device, int batch, int categories, KlObjective? objective = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(categories, 1);
        this.device = device;
        this.objective = objective ?? new KlObjective();
        arena = new Arena(device);
        state = arena.Allocate<StepState>(1, MemoryUse.Activations);
        Matrix Reserve(int rows, int columns) => arena.Matrix(rows, columns, MemoryUse.Activations);
        (logits, logLikelihoods, logitsGrad) = (Reserve(batch, categories), Reserve(batch, categories), Reserve(batch, categories));
        (prior, priorGrad, priorGradSum) = (Reserve(batch, categories), Reserve(batch, categories), Reserve(1, categories));
        (kl, reconstruction) = (Reserve(batch, 1), Reserve(batch, 1));
        (logPosterior, logPrior, logRatio) = (Reserve(batch, categories), Reserve(batch, categories), Reserve(1, categories));
        (marginalKl, information) = (Reserve(1, 1), Reserve(1, 1));
    }

    /// <summary>Evaluates a batch.</summary>
    /// <param name="logits">Encoder logits [B, K].</param>
    /// <param name="logLikelihoods">F [B, K]: log p(x_b | z = k), nats.</param>
    /// <param name="priorLogits">[K] for a prior that all examples share, [B, K] for one each, nothing for the uniform prior.</param>
    /// <param name="beta">Weight of the KL.</param>
    /// <exception cref="ArgumentException">An array has another length.</exception>
    public CategoricalElboTerms Evaluate(
        ReadOnlySpan<float> logits, ReadOnlySpan<float> logLikelihoods, ReadOnlySpan<float> priorLogits = default, float beta = 1f)
    {
        (int b, int k) = (this.logits.Rows, this.logits.Columns);
        if (logits.Length != b * k || logLikelihoods.Length != b * k)
            throw new ArgumentException($"logits and logLikelihoods have {logits.Length} and {logLikelihoods.Length} numbers, and need {b} x {k} each.");
        if (priorLogits.Length != 0 && priorLogits.Length != k && priorLogits.Length != b * k)
            throw new ArgumentException(
                $"priorLogits has {priorLogits.Length} numbers, and needs {k} for a shared prior, {b} x {k} for one each, or none for the uniform prior.");
        StepState weighed = StepState.Start;
        weighed.Scheduled.Beta = beta;
        device.Upload<StepState>(state, [weighed]);
        device.Upload(this.logits.View, logits);
        device.Upload(this.logLikelihoods.View, logLikelihoods);
        int priorRows = priorLogits.Length / k;
        if (priorRows > 0)
            device.Upload(First(prior, priorRows).View, priorLogits);

        LaunchList list = new(device);
        Record(list, priorRows);
        list.Replay();
        return Download(priorRows, beta);
    }

    /// <inheritdoc/>
    public void Dispose() => arena.Dispose();

    private static Matrix First(Matrix matrix, int rows) => new(matrix.View.SubView(0, (long)rows * matrix.Columns), rows, matrix.Columns);

    private void Record(LaunchList list, int priorRows)
    {
        CategoricalTerms pass = new()
        {
            Logits = logits,
            Prior = priorRows > 0 ? First(prior, priorRows) : null,
            LogLikelihoods = logLikelihoods,
            Kl = kl,
            Reconstruction = reconstruction,
            LogitsGrad = logitsGrad,
            PriorGrad = priorRows > 0 ? priorGrad : null,
            LogLikelihoodsGrad = logLikelihoods,
            Objective = objective,
        };
        CategoricalPass.Record(list, pass, state, 1f / logits.Rows);
        if (objective.IsSplit)
        {
            MarginalKl.Record(
                list,
                new MarginalKlTerms
                {
                    Pass = pass,
                    LogPosterior = logPosterior,
                    LogPrior = priorRows > 0 ? First(logPrior, priorRows) : null,
                    LogRatio = logRatio,
                    MarginalKl = marginalKl,
                    Information = information,
                },
                state);
        }

        if (priorRows > 0 && priorRows < logits.Rows)
            ColumnSum.Record(list, priorGrad, priorGradSum);
    }

    private CategoricalElboTerms Download(int priorRows, float beta)
    {
        float[] kls = device.Download(kl.View), reconstructions = device.Download(reconstruction.View);
        double penalty = objective.InformationWeight * kls.Average(value => (double)value);
        if (objective.IsSplit)
            penalty += (objective.MarginalWeight - objective.InformationWeight) * device.Download(marginalKl.View)[0];
        Matrix? grad = priorRows == 0 ? null : priorRows < logits.Rows ? priorGradSum : priorGrad;
        return new CategoricalElboTerms(
            (beta * penalty) - reconstructions.Average(value => (double)value),
            kls,
            reconstructions,
            device.Download(logitsGrad.View),
            grad is { } rows ? device.Download(rows.View) : [],
            device.Download(logLikelihoods.View));
    }
}
