using System.Globalization;
using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;

namespace IlgpuVae.Training;

/// <summary>The model that a run's options and its data's contract describe: nothing else is needed to build it.</summary>
internal static class DesignFactory
{
    /// <summary>Hidden widths of a conditional prior's network where none are given.</summary>
    internal static readonly IReadOnlyList<int> DefaultPriorNetwork = [256];

    /// <exception cref="InputException">A word in the options is not known.</exception>
    internal static VaeDesign Make(TrainingOptions options, DataContract data)
    {
        Likelihood likelihood = LikelihoodFactory.Make(options, data.LevelScale);
        ActivationKind activation = RunPlan.Choose<ActivationKind>(nameof(options.Activation), options.Activation);
        PriorKind prior = RunPlan.Choose<PriorKind>(nameof(options.Prior), options.Prior);
        string embedding = options.Embedding ?? (options.Latents == 1 ? "64" : "one-hot");
        (CodeEmbedding kind, int embeddingWidth) = embedding switch
        {
            "one-hot" => (CodeEmbedding.OneHot, 0),
            "sign" => (CodeEmbedding.Sign, 0),
            _ when int.TryParse(embedding, NumberStyles.None, CultureInfo.InvariantCulture, out int e) && e > 0 => (CodeEmbedding.Table, e),
            _ => throw new InputException(
                $"{Setting.Of(nameof(options.Embedding))} {MessageText.Excerpt(embedding)} is not known. Use one-hot, sign, or the width of a learned table."),
        };
        return new VaeDesign
        {
            DataWidth = data.Width,
            DataShape = data.Picture is { } picture ? new Shape(picture.Height, picture.Width, 1) : null,
            ContextWidth = data.ContextWidth,
            Latents = options.Latents,
            Categories = options.Categories,
            Likelihood = likelihood is Gaussian gaussian && data.Columns is not null ? gaussian.From(data.Centre, data.Spread) : likelihood,
            Prior = prior,
            PriorNetwork = VaeDesign.Mlp(options.PriorNetwork ?? (prior == PriorKind.Conditional ? DefaultPriorNetwork : []), activation),
            Embedding = kind,
            EmbeddingWidth = embeddingWidth,
            OneLogit = options.Logits == "one",
            UniformMix = (float)options.UniformMix,
            Encoder = VaeDesign.Mlp(options.Encoder, activation),
            Decoder = VaeDesign.Mlp(options.Decoder, activation),
        };
    }
}
