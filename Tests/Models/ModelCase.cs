using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Training.Data;

namespace IlgpuVae.Tests.Models;

/// <summary>The likelihoods there are, with both forms of the Gaussian.</summary>
public enum LikelihoodKind
{
    Bernoulli,
    Categorical,
    Gaussian,
    FixedGaussian,
    Poisson,
    NegativeBinomial,
}

/// <summary>One model in plain words: the product's design and the float64 reference are both made from it.</summary>
public sealed record ModelCase
{
    /// <summary>V of the categorical likelihood.</summary>
    public const int Levels = 3;

    /// <summary>The standard deviation of the Gaussian that does not learn it.</summary>
    public const float FixedDeviation = 0.8f;

    /// <summary>r of the negative binomial.</summary>
    public const float TotalCount = 2.5f;

    public required int Latents { get; init; }

    public required int Categories { get; init; }

    public int DataWidth { get; init; } = 6;

    /// <summary>C.</summary>
    public int ContextWidth { get; init; }

    public LikelihoodKind Likelihood { get; init; }

    public PriorKind Prior { get; init; }

    public CodeEmbedding Embedding { get; init; }

    public int EmbeddingWidth { get; init; } = 4;

    public ActivationKind Activation { get; init; } = ActivationKind.Relu;

    /// <summary>Hidden widths.</summary>
    public IReadOnlyList<int> Encoder { get; init; } = [7];

    /// <summary>Hidden widths.</summary>
    public IReadOnlyList<int> Decoder { get; init; } = [8];

    /// <summary>Hidden widths of a conditional prior's network.</summary>
    public IReadOnlyList<int> PriorNetwork { get; init; } = [];

    public float Beta { get; init; } = 1f;

    /// <summary>One logit a variable of two categories.</summary>
    public bool OneLogit { get; init; }

    /// <summary>eps of the mixture with the uniform distribution.</summary>
    public float UniformMix { get; init; }

    /// <summary>N K.</summary>
    public int CodeWidth => Latents * Categories;

    /// <summary>The product's design.</summary>
    public VaeDesign Design() => new()
    {
        DataWidth = DataWidth,
        ContextWidth = ContextWidth,
        Latents = Latents,
        Categories = Categories,
        Likelihood = Likelihood switch
        {
            LikelihoodKind.Bernoulli => new Bernoulli(),
            LikelihoodKind.Categorical => new Categorical(Levels, 1f),
            LikelihoodKind.Gaussian => new Gaussian(),
            LikelihoodKind.Poisson => new Poisson(),
            LikelihoodKind.NegativeBinomial => new NegativeBinomial(TotalCount),
            _ => new Gaussian(FixedDeviation, [.. Enumerable.Repeat(0.4f, DataWidth)]),
        },
        Prior = Prior,
        PriorNetwork = VaeDesign.Mlp(PriorNetwork, Activation),
        Embedding = Embedding,
        EmbeddingWidth = EmbeddingWidth,
        OneLogit = OneLogit,
        UniformMix = UniformMix,
        Encoder = VaeDesign.Mlp(Encoder, Activation),
        Decoder = VaeDesign.Mlp(Decoder, Activation),
    };

    /// <summary>
    /// Random examples in the likelihood's range, with random contexts where the model is conditional; for the Bernoulli every third number is a grey level
    /// between 0 and 1.
    /// </summary>
    public DataSet Data(int count, int seed = 1)
    {
        Random random = new(seed);
        float[] values = new float[count * DataWidth];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Likelihood switch
            {
                LikelihoodKind.Bernoulli => i % 3 == 0 ? random.NextSingle() : random.Next(2),
                LikelihoodKind.Categorical => random.Next(Levels),
                LikelihoodKind.Poisson or LikelihoodKind.NegativeBinomial => random.Next(i % 3 == 0 ? 15 : 3),
                _ => (float)MathNet.Numerics.Distributions.Normal.Sample(random, 0.3, 1),
            };
        }

        DataSet? context = ContextWidth == 0
            ? null
            : new DataSet { Name = "contexts", Count = count, Width = ContextWidth, Values = Reference.Draws.Normal(random, count * ContextWidth) };
        return new DataSet { Name = "random", Count = count, Width = DataWidth, Values = values, Context = context };
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"N{Latents} K{Categories} D{DataWidth} {(ContextWidth == 0 ? string.Empty : $"C{ContextWidth} ")}{Likelihood} {Prior} "
            + $"{(Embedding == CodeEmbedding.Table ? $"table {EmbeddingWidth}" : Embedding)} {Activation} "
        + $"[{string.Join(' ', Encoder)}] [{string.Join(' ', Decoder)}] beta "
        + $"{Beta}{(PriorNetwork.Count == 0 ? string.Empty : $" prior [{string.Join(' ', PriorNetwork)}]")}"
        + $"{(OneLogit ? " one logit" : "")}{(UniformMix > 0 ? $" mix {UniformMix}" : "")}";
}
