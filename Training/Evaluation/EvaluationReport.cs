namespace IlgpuVae.Training.Evaluation;

/// <summary>
/// What a model achieves on a split. Means are over examples, in nats; higher is better for all but the KL. Densities are of the data in their own units.
/// </summary>
public sealed record EvaluationReport
{
    /// <summary>The split's name.</summary>
    public required string Split { get; init; }

    /// <summary>Examples looked at.</summary>
    public required int Examples { get; init; }

    /// <summary>Reconstruction less KL.</summary>
    public required double Elbo { get; init; }

    /// <summary>How it was made: <c>exact</c>, summed over the codes, or <c>sampled</c>, with one hard sample of the posterior an example.</summary>
    public required string ElboKind { get; init; }

    /// <summary>Its standard error over the examples and their samples, where it was sampled; null where it is exact.</summary>
    public double? ElboError { get; init; }

    /// <summary>E_q[log p(x | z)], or of log p(x | c, z).</summary>
    public required double Reconstruction { get; init; }

    /// <summary>KL(q(z | x) || p(z)), or KL(q(z | x, c) || p(z | c)), analytic.</summary>
    public required double Kl { get; init; }

    /// <summary>log p(x), log p(x | c) in a conditional model, or a lower bound on it; null where it was not asked for.</summary>
    public double? LogLikelihood { get; init; }

    /// <summary>What the log-likelihood, and the ELBO below it, are of: <c>log p(x)</c> or <c>log p(x | c)</c>.</summary>
    public required string LogLikelihoodOf { get; init; }

    /// <summary>How it was made: <c>exact</c> or <c>iwae-1000</c>.</summary>
    public string? LogLikelihoodKind { get; init; }

    /// <summary>
    /// What was subtracted from the log-densities of the scaled data, nats an example, to have those of the data in their own units; 0 where nothing was
    /// scaled.
    /// </summary>
    public double LogVolume { get; init; }

    /// <summary>
    /// The exact mean log-likelihood under the distribution that generated the data, where that is known: nothing can do better but by chance.
    /// </summary>
    public double? BestPossible { get; init; }

    /// <summary>Categories, over all variables, that are the most probable one of at least one example.</summary>
    public required int CodesUsed { get; init; }

    /// <summary>Categories, over all variables.</summary>
    public required int Codes { get; init; }

    /// <summary>exp of the entropy of the mean posterior, averaged over variables: how many categories are used, effectively, of K.</summary>
    public required double Perplexity { get; init; }

    /// <summary>Variables whose mean KL is above 0.01 nats.</summary>
    public required int ActiveVariables { get; init; }

    /// <summary>Mutual information between x and z summed over variables: the mean KL to the mean posterior, nats.</summary>
    public required double MutualInformation { get; init; }

    /// <summary>
    /// KL from the mean posterior to the prior, or to the mean prior where it is conditional, summed over variables, nats. Under a shared prior it is what of
    /// the KL the mutual information leaves.
    /// </summary>
    public required double MarginalKl { get; init; }
}
