using IlgpuVae.Kernels;

namespace IlgpuVae.Model;

/// <summary>How codes enter the decoder.</summary>
public enum CodeEmbedding
{
    /// <summary>As they are: [R, N K].</summary>
    OneHot,

    /// <summary>As -1 and +1, for K = 2: [R, N].</summary>
    Sign,

    /// <summary>Through a learned table: [R, N E].</summary>
    Table,
}

/// <summary>The prior p(z).</summary>
public enum PriorKind
{
    /// <summary>Every category equally likely.</summary>
    Uniform,

    /// <summary>Free logits [N, K], learned.</summary>
    Learned,
}

/// <summary>What a discrete-latent VAE is made of.</summary>
public sealed record VaeDesign
{
    /// <summary>D, numbers per example.</summary>
    public required int DataWidth { get; init; }

    /// <summary>N, latent variables.</summary>
    public int Latents { get; init; } = 1;

    /// <summary>K, categories of each.</summary>
    public int Categories { get; init; } = 64;

    /// <summary>p(x | z).</summary>
    public Likelihood Likelihood { get; init; } = new Bernoulli();

    /// <summary>p(z).</summary>
    public PriorKind Prior { get; init; } = PriorKind.Uniform;

    /// <summary>How codes enter the decoder.</summary>
    public CodeEmbedding Embedding { get; init; } = CodeEmbedding.OneHot;

    /// <summary>E, for <see cref="CodeEmbedding.Table"/>.</summary>
    public int EmbeddingWidth { get; init; } = 64;

    /// <summary>Whether the encoder gives one logit for each variable, that of its second category, the first one's being 0; for K = 2.</summary>
    public bool OneLogit { get; init; }

    /// <summary>eps: the share of the uniform distribution in the posterior, q' = (1 - eps) softmax(l) + eps / K; 0 for none.</summary>
    public float UniformMix { get; init; }

    /// <summary>Layers between data and logits; the last linear layer to N K logits is added.</summary>
    public IReadOnlyList<Layer> Encoder { get; init; } = [];

    /// <summary>Layers between embedded code and outputs; the last linear layer to the likelihood's outputs is added.</summary>
    public IReadOnlyList<Layer> Decoder { get; init; } = [];

    /// <summary>Dense layers of the given widths, all with the same activation.</summary>
    public static IReadOnlyList<Layer> Mlp(IEnumerable<int> widths, ActivationKind activation = ActivationKind.Relu) =>
        [.. widths.Select(width => new Dense(width, activation))];
}
