namespace IlgpuVae.Kernels;

/// <summary>
/// What of the KL is minimised, and how it pulls. The plain KL, mean_b KL(q_b || p), is I + M: the mutual information I = mean_b KL(q_b || q') of examples and
/// codes, and the KL M = KL(q' || p') of the aggregate posterior q' = mean_b q_b, both over the batch and for each variable (S. Zhao, J. Song, S. Ermon, AAAI
/// 2019). The loss has beta (w_I KL + (w_M - w_I) M), which is beta (w_I I + w_M M) where all examples share their prior; where each has its own, p' = mean_b
/// p_b. The weights of the two sides scale gradients alone, never reported values: DreamerV2's balance alpha is a prior's weight of alpha and a posterior's of
/// 1 - alpha.
/// </summary>
public sealed record KlObjective
{
    /// <summary>Factor on every KL gradient that reaches the posterior's logits.</summary>
    public float PosteriorWeight { get; init; } = 1f;

    /// <summary>Factor on every KL gradient that reaches the prior's logits.</summary>
    public float PriorWeight { get; init; } = 1f;

    /// <summary>
    /// Nats that each variable of each example may spend free of charge: where its KL is below, the KL gives no gradient to either side. M, a matter of the
    /// whole batch, is never free.
    /// </summary>
    public float FreeBits { get; init; }

    /// <summary>w_I.</summary>
    public float InformationWeight { get; init; } = 1f;

    /// <summary>w_M.</summary>
    public float MarginalWeight { get; init; } = 1f;

    /// <summary>Whether I and M are told apart at all.</summary>
    public bool IsSplit => InformationWeight != 1f || MarginalWeight != 1f;
}
