using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>
/// A variational autoencoder with N categorical latent variables of K categories: encoder x -> logits [B, N K], prior, embedding and decoder
/// R codes -> outputs [R, W]. A conditional one models p(x | c): encoder, decoder and, where asked for, the prior see a context c [B, C] too. It holds
/// parameters and recipes; what to sample, and how to train, is not its business.
/// </summary>
public sealed class DiscreteVae : IDisposable
{
    private readonly BuiltLayer encoder, decoder;
    private readonly BuiltLayer? prior;

    /// <summary>Builds the model on <paramref name="device"/> with parameters drawn from <paramref name="seed"/>.</summary>
    /// <exception cref="InputException">The design contradicts itself, or the device has no room for it.</exception>
    public DiscreteVae(ComputeDevice device, VaeDesign design, ulong seed, long? memoryLimitBytes = null)
    {
        Check(design);
        Device = device;
        Design = design;
        Arena = new Arena(device, memoryLimitBytes);
        Parameters = new ParameterSet();
        encoder = design.WholeEncoder.Build(Parameters, "encoder", design.EncoderShape);
        if (design.Prior == PriorKind.Learned)
            PriorLogits = Parameters.Declare("prior.logits", design.Latents, design.Categories, ParameterLayout.Matrix, ParameterStart.Zero);
        if (design.Prior == PriorKind.Conditional)
            prior = new Sequence([.. design.PriorNetwork, new Dense(CodeWidth)]).Build(Parameters, "prior", design.ContextWidth);

        decoder = design.WholeDecoder.Build(Parameters, "decoder", CodeWidth, design.ContextWidth);
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

    /// <summary>Learned prior logits [N, K], or null where the prior is uniform or conditional.</summary>
    public Parameter? PriorLogits { get; }

    /// <summary>N K, the width of logits and codes.</summary>
    public int CodeWidth => Design.Latents * Design.Categories;

    /// <summary>Memory for <paramref name="rows"/> hard codes.</summary>
    public Codes HardCodes(int rows) => Codes.Hard(Arena.Allocate<int>((long)rows * Design.Latents, MemoryUse.Codes), rows, Design.Latents, Design.Categories);

    /// <summary>K^N, or null where the joint codes cannot be enumerated.</summary>
    public int? JointCodeCount => JointCodes.Count(Design.Latents, Design.Categories);

    /// <summary>K^N, where the joint codes can be enumerated.</summary>
    /// <exception cref="InputException">They are too many.</exception>
    public int RequireJointCodes() => Design.RequireJointCodes();

    /// <summary>
    /// The encoder at work on <paramref name="rows"/> examples; it reads [B, <see cref="VaeDesign.EncoderInputs"/>] and its output is the logits [B, N K].
    /// </summary>
    public LayerPass BindEncoder(int rows, bool training) => encoder.Bind(Arena, rows, training);

    /// <summary>The contexts of <paramref name="rows"/> examples, for whoever fills them in; null where the model is not conditional.</summary>
    internal ContextRows? BindContext(int rows, bool training)
    {
        if (Design.ContextWidth == 0)
            return null;
        Matrix values = Arena.Matrix(rows, Design.ContextWidth, MemoryUse.Activations);
        return new ContextRows(values, decoder.BindContext(Arena, values, training), prior?.Bind(Arena, rows, training));
    }

    /// <summary>The decoder at work on <paramref name="rows"/> rows of codes, a multiple of the context's examples; its output is [R, W].</summary>
    internal LayerPass BindDecoder(int rows, bool training, ContextRows? context = null) => decoder.Bind(Arena, rows, training, context?.Decoder);

    /// <summary>The prior's logits [P N, K] as a kernel operand, P the examples of a conditional prior and 1 otherwise; null where it is uniform.</summary>
    internal Matrix? PriorOperand(ContextRows? context)
    {
        if (prior is null)
            return PriorLogits?.Value;
        Matrix logits = context?.PriorLogits ?? throw new InvalidOperationException("a conditional prior needs the examples' context.");
        return logits.Reshape(logits.Rows * Design.Latents, Design.Categories);
    }

    /// <summary>P, how many priors a batch has: one for each example where the prior is conditional, one for all otherwise.</summary>
    internal static int PriorRows(ContextRows? context) => context?.PriorLogits?.Rows ?? 1;

    /// <summary>Records the prior's log-probabilities [P, N K], nats, P from <see cref="PriorRows"/>.</summary>
    internal void RecordLogPrior(LaunchList list, Matrix logPrior, ContextRows? context = null)
    {
        // All-zero logits are the uniform prior; the arena hands memory out zeroed.
        Matrix logits = PriorOperand(context) ?? Arena.Matrix(Design.Latents, Design.Categories, MemoryUse.Codes);
        Softmax.LogForward(list, logits, logPrior.Reshape(logits.Rows, logits.Columns));
    }

    /// <inheritdoc/>
    public void Dispose() => Arena.Dispose();

    private static void Check(VaeDesign design)
    {
        if (design.DataWidth < 1)
            throw new InputException("The data have no columns.");
        if (design.Latents < 1 || design.Categories < 1)
            throw new InputException(
                $"{design.Latents} latents of {design.Categories} categories are no model: {Setting.Of(nameof(design.Latents))} and "
                    + $"{Setting.Of(nameof(design.Categories))} have to be at least 1.");
        if (design.Embedding == CodeEmbedding.Sign && design.Categories != 2)
            throw new InputException(
                $"The sign embedding is for 2 categories, not {design.Categories}. Use {Setting.Of(nameof(design.Categories), 2)}, or "
                    + $"{Setting.Of(nameof(design.Embedding), CodeEmbedding.OneHot)}.");
        if (design.OneLogit && design.Categories != 2)
            throw new InputException(
                $"One logit a variable is for 2 categories, not {design.Categories}. Use {Setting.Of(nameof(design.Categories), 2)}, or "
                    + $"{Setting.Of(nameof(design.OneLogit), false)}.");
        if (!(design.UniformMix >= 0f && design.UniformMix < 1f))
            throw new InputException(
                $"{Setting.Of(nameof(design.UniformMix), design.UniformMix)} is no share of the posterior. Use a number from 0 up to, but not including, 1.");
        if (design.Embedding == CodeEmbedding.Table && design.EmbeddingWidth < 1)
            throw new InputException($"{Setting.Of(nameof(design.Embedding))} has to be one-hot, sign, or a table of a width of at least 1.");
        if (design.ContextWidth < 0)
            throw new InputException($"A context of {design.ContextWidth} numbers is none: leave it at 0 for a model without one.");
        if (design.Prior == PriorKind.Conditional && design.ContextWidth == 0)
            throw new InputException(
                $"{Setting.Of(nameof(design.Prior), PriorKind.Conditional)} is a prior of the codes given a condition, and there is none. Say what the "
                    + $"model is told with {Setting.Of(nameof(design.ContextWidth))}, or use {Setting.Of(nameof(design.Prior), PriorKind.Learned)}.");
        if (design.Prior != PriorKind.Conditional && design.PriorNetwork.Count > 0)
            throw new InputException(
                $"{Setting.Of(nameof(design.PriorNetwork))} gives the hidden layers of a conditional prior, and this prior is not. Use "
                    + $"{Setting.Of(nameof(design.Prior), PriorKind.Conditional)}, or drop it.");
    }
}
