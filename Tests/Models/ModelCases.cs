using IlgpuVae.Kernels;
using IlgpuVae.Model;

namespace IlgpuVae.Tests.Models;

/// <summary>
/// The models that gradients are checked on. Between them every likelihood, prior, embedding and activation meets one variable and several, and rows of
/// more than 16 numbers (codes, joint codes, data), which a group of lanes shares, meet shorter ones, which one lane does.
/// </summary>
public static class ModelCases
{
    public static IEnumerable<ModelCase> All => [.. Unconditional, .. Conditional];

    /// <summary>
    /// Models of p(x | c): every prior, likelihood and embedding, a context narrower and wider than the code, and decoders whose first layer is the last.
    /// </summary>
    public static IEnumerable<ModelCase> Conditional =>
    [
        new() { Latents = 1, Categories = 5, ContextWidth = 3, Prior = PriorKind.Conditional, Embedding = CodeEmbedding.Table },
        new()
        {
            Latents = 1,
            Categories = 4,
            ContextWidth = 1,
            Likelihood = LikelihoodKind.Gaussian,
            Prior = PriorKind.Learned,
            Activation = ActivationKind.Tanh,
            Beta = 0.7f,
        },
        new()
        {
            Latents = 1,
            Categories = 3,
            ContextWidth = 2,
            Likelihood = LikelihoodKind.Categorical,
            Prior = PriorKind.Conditional,
            PriorNetwork = [6],
            Embedding = CodeEmbedding.Table,
            Activation = ActivationKind.Silu,
            Beta = 1.3f,
        },
        new()
        {
            Latents = 1,
            Categories = 2,
            ContextWidth = 4,
            Embedding = CodeEmbedding.Sign,
            Activation = ActivationKind.LeakyRelu,
            Encoder = [],
            Decoder = [],
        },
        new()
        {
            Latents = 1,
            Categories = 19,
            DataWidth = 21,
            ContextWidth = 23,
            Prior = PriorKind.Conditional,
            PriorNetwork = [18],
            Activation = ActivationKind.Tanh,
            Beta = 0.2f,
        },
        new()
        {
            Latents = 2,
            Categories = 3,
            ContextWidth = 3,
            Prior = PriorKind.Conditional,
            PriorNetwork = [5, 4],
            Activation = ActivationKind.LeakyRelu,
            Encoder = [9, 5],
            Decoder = [7, 11],
            Beta = 2.5f,
        },
        new()
        {
            Latents = 2,
            Categories = 4,
            ContextWidth = 2,
            Likelihood = LikelihoodKind.FixedGaussian,
            Embedding = CodeEmbedding.Table,
            Activation = ActivationKind.Silu,
            Beta = 0.5f,
        },
        new()
        {
            Latents = 3,
            Categories = 2,
            ContextWidth = 3,
            Likelihood = LikelihoodKind.Categorical,
            Prior = PriorKind.Conditional,
            Embedding = CodeEmbedding.Sign,
            Decoder = [],
        },
        new()
        {
            Latents = 1,
            Categories = 3,
            ContextWidth = 2,
            Likelihood = LikelihoodKind.Poisson,
            Prior = PriorKind.Conditional,
            Activation = ActivationKind.Tanh,
        },
    ];

    private static IEnumerable<ModelCase> Unconditional =>
    [
        new() { Latents = 1, Categories = 5, Embedding = CodeEmbedding.Table },
        new() { Latents = 1, Categories = 4, Likelihood = LikelihoodKind.Gaussian, Prior = PriorKind.Learned, Activation = ActivationKind.Tanh, Beta = 0.7f },
        new()
        {
            Latents = 1,
            Categories = 3,
            Likelihood = LikelihoodKind.Categorical,
            Prior = PriorKind.Learned,
            Embedding = CodeEmbedding.Table,
            Activation = ActivationKind.Silu,
            Beta = 1.3f,
        },
        new() { Latents = 1, Categories = 2, Embedding = CodeEmbedding.Sign, Activation = ActivationKind.LeakyRelu, Encoder = [], Decoder = [] },
        new() { Latents = 1, Categories = 19, DataWidth = 21, Prior = PriorKind.Learned, Activation = ActivationKind.Tanh, Beta = 0.2f },
        new()
        {
            Latents = 2,
            Categories = 3,
            Prior = PriorKind.Learned,
            Activation = ActivationKind.LeakyRelu,
            Encoder = [9, 5],
            Decoder = [7, 11],
            Beta = 2.5f,
        },
        new()
        {
            Latents = 2,
            Categories = 4,
            Likelihood = LikelihoodKind.FixedGaussian,
            Embedding = CodeEmbedding.Table,
            Activation = ActivationKind.Silu,
            Beta = 0.5f,
        },
        new() { Latents = 2, Categories = 5, DataWidth = 4, Likelihood = LikelihoodKind.Categorical, Prior = PriorKind.Learned, Decoder = [] },
        new()
        {
            Latents = 3,
            Categories = 2,
            Likelihood = LikelihoodKind.Categorical,
            Embedding = CodeEmbedding.Sign,
            Activation = ActivationKind.Tanh,
            Beta = 0.3f,
        },
        new()
        {
            Latents = 3,
            Categories = 2,
            DataWidth = 5,
            Likelihood = LikelihoodKind.Gaussian,
            Prior = PriorKind.Learned,
            Embedding = CodeEmbedding.Sign,
            Activation = ActivationKind.Silu,
        },
        new()
        {
            Latents = 3,
            Categories = 3,
            DataWidth = 17,
            Prior = PriorKind.Learned,
            Embedding = CodeEmbedding.Table,
            EmbeddingWidth = 2,
            Activation = ActivationKind.Silu,
            Beta = 1.7f,
        },
        new()
        {
            Latents = 3,
            Categories = 2,
            OneLogit = true,
            Prior = PriorKind.Learned,
            Embedding = CodeEmbedding.Sign,
            Activation = ActivationKind.Tanh,
            Beta = 0.6f,
        },
        new() { Latents = 1, Categories = 4, Likelihood = LikelihoodKind.Poisson, Prior = PriorKind.Learned, Activation = ActivationKind.Tanh, Beta = 0.7f },
        new()
        {
            Latents = 2,
            Categories = 3,
            DataWidth = 18,
            Likelihood = LikelihoodKind.NegativeBinomial,
            Prior = PriorKind.Learned,
            Activation = ActivationKind.Silu,
            Beta = 1.2f,
        },
        new() { Latents = 1, Categories = 19, UniformMix = 0.2f, Prior = PriorKind.Learned, Activation = ActivationKind.Tanh },
        new()
        {
            Latents = 2,
            Categories = 2,
            OneLogit = true,
            UniformMix = 0.1f,
            Likelihood = LikelihoodKind.Gaussian,
            Encoder = [],
            Activation = ActivationKind.Silu,
            Beta = 0.8f,
        },
    ];
}
