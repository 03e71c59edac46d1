using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>
/// The decoder on all S joint codes for each of B examples, where it sees the example's context: B S rows, decoded in chunks of P codes for all examples.
/// Memory is that of one chunk of at most <see cref="ChunkRows"/> rows (B where that is more), and of a second one where the codes come out uneven, whatever S
/// is; only the table F [B, S] grows with S. The backward pass decodes again what the chunks' memory no longer holds: nothing where a single chunk holds all
/// rows.
/// </summary>
internal sealed class CodeDecoderByExample : ICodeDecoder
{
    /// <summary>Rows decoded at a time: enough to fill a device, few enough to fit beside everything else.</summary>
    public const int ChunkRows = 8192;

    private readonly DiscreteVae vae;
    private readonly List<(Chunk Chunk, int First)> chunks = [];

    /// <summary>Reserves the memory.</summary>
    /// <param name="vae">The model.</param>
    /// <param name="context">The examples' contexts.</param>
    /// <param name="training">Whether a backward pass will follow.</param>
    /// <param name="chunkRows">The most rows decoded at a time.</param>
    /// <exception cref="InputException">The joint codes are too many to enumerate.</exception>
    public CodeDecoderByExample(DiscreteVae vae, ContextRows context, bool training, int chunkRows = ChunkRows)
    {
        ArgumentNullException.ThrowIfNull(vae);
        ArgumentNullException.ThrowIfNull(context);
        this.vae = vae;
        Count = vae.RequireJointCodes();
        int batch = context.Values.Rows;
        Rows = checked(batch * Count);

        // As even as they can be: all whole but the last.
        int atMost = Math.Clamp(chunkRows / batch, 1, Count);
        int count = (Count + atMost - 1) / atMost;
        int perExample = (Count + count - 1) / count;
        Chunk whole = new(vae, context, perExample, training);
        for (int first = 0; first < Count; first += perExample)
            chunks.Add((Count - first >= perExample ? whole : new Chunk(vae, context, Count - first, training), first));
    }

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public int Rows { get; }

    /// <inheritdoc/>
    public void Decode(LaunchList list)
    {
        // Every row depends on an example.
    }

    /// <inheritdoc/>
    public void LogLikelihoods(LaunchList list, SufficientStatistic statistic, Matrix logLikelihoods)
    {
        foreach ((Chunk chunk, int first) in chunks)
        {
            RecordCodes(list, chunk, first);
            chunk.Rows.Forward(list, chunk.Codes, statistic);
            CodeChunk.Scatter(list, chunk.Rows.LogLikelihood, logLikelihoods, first);
        }
    }

    /// <inheritdoc/>
    public void Backward(LaunchList list, SufficientStatistic statistic, Matrix logLikelihoodsGrad)
    {
        // From the last to the first: the last whole chunk and the rest are still in memory.
        for (int i = chunks.Count - 1; i >= 0; i--)
        {
            (Chunk chunk, int first) = chunks[i];
            Matrix weights = chunk.Weights ?? throw new InvalidOperationException("these codes were bound without a backward pass.");
            CodeChunk.Gather(list, logLikelihoodsGrad, weights, first);
            if (chunk.Holds == first)
            {
                chunk.Rows.Weigh(list, statistic, weights);
            }
            else
            {
                RecordCodes(list, chunk, first);
                chunk.Rows.ForwardWeighted(list, chunk.Codes, statistic, weights);
            }

            chunk.Rows.Backward(list, chunk.Codes, null, i == chunks.Count - 1 ? ParameterGradients.Write : ParameterGradients.Add);
        }
    }

    private static void RecordCodes(LaunchList list, Chunk chunk, int first)
    {
        chunk.Codes = CodeChunk.Enumerate(list, chunk.Codes, first, chunk.PerExample);
        chunk.Holds = first;
    }

    /// <summary>Memory for P codes of every example.</summary>
    private sealed class Chunk(DiscreteVae vae, ContextRows context, int perExample, bool training)
    {
        internal int PerExample => perExample;

        /// <summary>The first code of those that the launches recorded last decode.</summary>
        internal int Holds { get; set; }

        internal RowDecoder Rows { get; } = new(vae, context.Values.Rows * perExample, training, context);

        /// <summary>Its codes: of those launches, these codes.</summary>
        internal Codes Codes { get; set; } = vae.HardCodes(context.Values.Rows * perExample);

        internal Matrix? Weights { get; } = training ? vae.Arena.Matrix(context.Values.Rows * perExample, 1, MemoryUse.Codes) : null;
    }
}
