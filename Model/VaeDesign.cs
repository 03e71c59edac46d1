using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

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

/// <summary>The prior p(z), or p(z | c).</summary>
public enum PriorKind
{
    /// <summary>Every category equally likely.</summary>
    Uniform,

    /// <summary>Free logits [N, K], learned.</summary>
    Learned,

    /// <summary>Logits [B, N K] that a network makes of each example's context.</summary>
    Conditional,
}

/// <summary>What a discrete-latent VAE is made of.</summary>
public sealed record VaeDesign
{
    /// <summary>D, numbers per example.</summary>
    public required int DataWidth { get; init; }

    /// <summary>
    /// Height, width and channels of an example where it is a picture, or length and width of a sequence, for layers that use them; null for a plain row.
    /// </summary>
    public Shape? DataShape { get; init; }

    /// <summary>N, latent variables.</summary>
    public int Latents { get; init; } = 1;

    /// <summary>K, categories of each.</summary>
    public int Categories { get; init; } = 64;

    /// <summary>C, numbers of context c that encoder and decoder see beside x and z; 0 for a model of p(x).</summary>
    public int ContextWidth { get; init; }

    /// <summary>p(x | z).</summary>
    public Likelihood Likelihood { get; init; } = new Bernoulli();

    /// <summary>p(z).</summary>
    public PriorKind Prior { get; init; } = PriorKind.Uniform;

    /// <summary>Layers between context and prior logits, for <see cref="PriorKind.Conditional"/>; the last linear layer to N K logits is added.</summary>
    public IReadOnlyList<Layer> PriorNetwork { get; init; } = [];

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

    /// <summary>What the encoder sees of an example itself.</summary>
    private int ObservedInputs => Likelihood.EncodesStatistic ? Likelihood.StatisticWidth(DataWidth) : DataWidth;

    /// <summary>What the encoder sees in all, the context included.</summary>
    public int EncoderInputs => ObservedInputs + ContextWidth;

    /// <summary>The same as rows of its first layer: of the data's own shape where it sees nothing else.</summary>
    public Shape EncoderShape => DataShape is { } shape && shape.Numbers == EncoderInputs ? shape : EncoderInputs;

    /// <summary>The whole encoder, its last layer included.</summary>
    public Sequence WholeEncoder
    {
        get
        {
            Layer[] logits = OneLogit ? [new Dense(Latents), new LogitPairs()] : [new Dense(Latents * Categories)];
            Layer[] mixture = UniformMix > 0f ? [new UniformMixture(Categories, UniformMix)] : [];
            return new Sequence([.. Encoder, .. logits, .. mixture]);
        }
    }

    /// <summary>The whole decoder, embedding and last layer included.</summary>
    public Sequence WholeDecoder
    {
        get
        {
            Layer[] embedding = Embedding switch
            {
                CodeEmbedding.Sign => [new CodeSigns()],
                CodeEmbedding.Table => [new CodeTable(Latents, EmbeddingWidth)],
                _ => [],
            };
            return new Sequence([.. embedding, .. Decoder, new Dense(Likelihood.OutputWidth(DataWidth)) { FirstOutputs = Likelihood.FirstOutputs }]);
        }
    }

    /// <summary>K^N, where the joint codes can be enumerated.</summary>
    /// <exception cref="InputException">They are too many.</exception>
    public int RequireJointCodes() => JointCodes.Count(Latents, Categories) ?? throw new InputException(
        $"{Latents} latents of {Categories} categories have more than 10^9 joint codes, too many to sum over. Use "
            + $"{Setting.Of("Estimator", "gumbel-softmax")}, or fewer {Setting.Of(nameof(Latents))} or {Setting.Of(nameof(Categories))}.");

    /// <summary>Dense layers of the given widths, all with the same activation.</summary>
    public static IReadOnlyList<Layer> Mlp(IEnumerable<int> widths, ActivationKind activation = ActivationKind.Relu) =>
        [.. widths.Select(width => new Dense(width, activation))];
}
