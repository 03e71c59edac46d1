using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>
/// A variational autoencoder with N categorical latent variables of K categories: encoder x -> logits [B, N K], prior, embedding and decoder
/// codes [R, N K] -> outputs [R, W]. It holds parameters and recipes; what to sample, and how to train, is not its business.
/// </summary>
public sealed class DiscreteVae : IDisposable
{
    private readonly Sequence encoder;
    private readonly Sequence decoder;

    /// <summary>Builds the model on <paramref name="device"/> with parameters drawn from <paramref name="seed"/>.</summary>
    /// <exception cref="InputException">The design contradicts itself, or the device has no room for it.</exception>
    public DiscreteVae(ComputeDevice device, VaeDesign design, ulong seed, long? memoryLimitBytes = null)
    {
        Check(design);
        Device = device;
        Design = design;
        Arena = new Arena(device, memoryLimitBytes);
        Parameters = new ParameterSet();
        Layer[] logits = design.OneLogit ? [new Dense(design.Latents), new LogitPairs()] : [new Dense(CodeWidth)];
        Layer[] mixture = design.UniformMix > 0f ? [new UniformMixture(design.Categories, design.UniformMix)] : [];
        encoder = new Sequence([.. design.Encoder, .. logits, .. mixture]);
        int inputs = design.Likelihood.EncodesStatistic ? design.Likelihood.StatisticWidth(design.DataWidth) : design.DataWidth;
        encoder.Build(Parameters, "encoder", inputs);
        if (design.Prior == PriorKind.Learned)
            PriorLogits = Parameters.Declare("prior.logits", design.Latents, design.Categories, ParameterLayout.Matrix, ParameterStart.Zero);
        Layer[] embedding = design.Embedding switch
        {
            CodeEmbedding.Sign => [new CodeSigns()],
            CodeEmbedding.Table => [new CodeTable(design.Latents, design.EmbeddingWidth)],
            _ => [],
        };
        decoder = new Sequence([.. embedding, .. design.Decoder, new Dense(design.Likelihood.OutputWidth(design.DataWidth))]);
        decoder.Build(Parameters, "decoder", CodeWidth);
        Parameters.Allocate(device, Arena, seed);
    }

    /// <summary>Where the model lives.</summary>
    public ComputeDevice Device { get; }

    /// <summary>What it is made of.</summary>
    public VaeDesign Design { get; }

    /// <summary>All its device memory.</summary>
    public Arena Arena { get; }

    /// <summary>All its parameters.</summary>
    public ParameterSet Parameters { get; }

    /// <summary>Learned prior logits [N, K], or null for the uniform prior.</summary>
    public Parameter? PriorLogits { get; }

    /// <summary>N K, the width of logits and codes.</summary>
    public int CodeWidth => Design.Latents * Design.Categories;

    /// <summary>K^N, or null where the joint codes cannot be enumerated.</summary>
    public int? JointCodeCount => JointCodes.Count(Design.Latents, Design.Categories);

    /// <summary>The encoder at work on <paramref name="rows"/> examples; its output is the logits [B, N K].</summary>
    public LayerPass BindEncoder(int rows, bool training) => encoder.Bind(Arena, rows, training);

    /// <summary>The decoder at work on <paramref name="rows"/> rows of codes; its output is [R, W].</summary>
    public LayerPass BindDecoder(int rows, bool training) => decoder.Bind(Arena, rows, training);

    /// <summary>The prior's logits [N, K] as a kernel operand, or null where it is uniform.</summary>
    public Matrix? PriorOperand => PriorLogits?.Value;

    /// <summary>Records the joint log-prior of all S codes, [1, S], nats, from log-probabilities it also records into <paramref name="logPrior"/> [1, N K].</summary>
    public void RecordJointLogPrior(LaunchList list, Matrix logPrior, Matrix jointLogPrior)
    {
        Matrix rows = logPrior.Reshape(Design.Latents, Design.Categories);
        RecordLogPrior(list, rows);
        JointCodes.LogProbabilities(list, logPrior, jointLogPrior, Design.Latents, Design.Categories);
    }

    /// <summary>Records the prior's log-probabilities [N, K], nats.</summary>
    public void RecordLogPrior(LaunchList list, Matrix logPrior)
    {
        // All-zero logits are the uniform prior; the arena hands memory out zeroed.
        Matrix logits = PriorOperand ?? Arena.Matrix(Design.Latents, Design.Categories, MemoryUse.Codes);
        Softmax.LogForward(list, logits, logPrior);
    }

    /// <inheritdoc/>
    public void Dispose() => Arena.Dispose();

    private static void Check(VaeDesign design)
    {
        if (design.DataWidth < 1)
            throw new InputException("The data have no columns.");
        if (design.Latents < 1 || design.Categories < 1)
            throw new InputException($"{design.Latents} latents of {design.Categories} categories are no model: --latents and --categories have to be at least 1.");
        if (design.Embedding == CodeEmbedding.Sign && design.Categories != 2)
            throw new InputException($"The sign embedding is for 2 categories, not {design.Categories}. Use --categories 2, or --embedding one-hot.");
        if (design.OneLogit && design.Categories != 2)
            throw new InputException($"One logit a variable is for 2 categories, not {design.Categories}. Use --categories 2, or --logits two.");
        if (!(design.UniformMix >= 0f && design.UniformMix < 1f))
            throw new InputException($"--uniform-mix {design.UniformMix} is no share of the posterior. Use a number from 0 up to, but not including, 1.");
        if (design.Embedding == CodeEmbedding.Table && design.EmbeddingWidth < 1)
            throw new InputException("--embedding has to be one-hot, sign, or a width of at least 1.");
    }
}
