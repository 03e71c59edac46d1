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

    /// <summary>Layers between data and logits; the last linear layer to N K logits is added.</summary>
    public IReadOnlyList<Layer> Encoder { get; init; } = [];

    /// <summary>Layers between embedded code and outputs; the last linear layer to the likelihood's outputs is added.</summary>
    public IReadOnlyList<Layer> Decoder { get; init; } = [];

    /// <summary>Inputs of the encoder.</summary>
    public int EncoderInputs => Likelihood.EncodesStatistic ? Likelihood.StatisticWidth(DataWidth) : DataWidth;

    /// <summary>The whole encoder, its last layer included.</summary>
    public Sequence WholeEncoder => new([.. Encoder, new Dense(Latents * Categories)]);

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
            return new Sequence([.. embedding, .. Decoder, new Dense(Likelihood.OutputWidth(DataWidth))]);
        }
    }

    /// <summary>Dense layers of the given widths, all with the same activation.</summary>
    public static IReadOnlyList<Layer> Mlp(IEnumerable<int> widths, ActivationKind activation = ActivationKind.Relu) =>
        [.. widths.Select(width => new Dense(width, activation))];
}
