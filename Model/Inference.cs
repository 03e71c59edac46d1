using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>
/// Uses a model on host arrays: encodes examples, decodes codes. Binds a fixed number of rows and pads the last call. A conditional model wants the context of each
/// row too, [n, C].
/// </summary>
public sealed class Inference
{
    private readonly DiscreteVae vae;
    private readonly int rows;
    private readonly Matrix batch, codes;
    private readonly BoundContext? context;
    private readonly LayerPass encoder, decoder;
    private readonly LaunchList encode, decode, logPrior;
    private readonly Matrix posterior, logPriorRows;

    /// <summary>Reserves memory for <paramref name="rows"/> rows at a time in the model's arena.</summary>
    public Inference(DiscreteVae vae, int rows = 64)
    {
        this.vae = vae;
        this.rows = rows;
        VaeDesign design = vae.Design;
        batch = vae.Arena.Matrix(rows, design.DataWidth, MemoryUse.Activations);
        codes = vae.Arena.Matrix(rows, vae.CodeWidth, MemoryUse.Codes);
        context = vae.BindContext(rows, training: false);
        encoder = vae.BindEncoder(rows, training: false);
        decoder = vae.BindDecoder(rows, training: false, context);
        posterior = vae.Arena.Matrix(rows, vae.CodeWidth, MemoryUse.Codes);
        encode = new LaunchList(vae.Device);
        Matrix input = batch;
        if (design.Likelihood.EncodesStatistic && !design.Likelihood.StatisticIsData)
        {
            input = vae.Arena.Matrix(rows, design.Likelihood.StatisticWidth(design.DataWidth), MemoryUse.Activations);
            design.Likelihood.Statistic(encode, batch, input);
        }

        if (context is not null)
        {
            Matrix both = vae.Arena.Matrix(rows, vae.Design.EncoderInputs, MemoryUse.Activations);
            Concatenation.Record(encode, input, context.Values, both);
            input = both;
        }

        encoder.Forward(encode, input);
        Softmax.Forward(encode, encoder.Output.Reshape(rows * design.Latents, design.Categories), posterior.Reshape(rows * design.Latents, design.Categories));
        decode = new LaunchList(vae.Device);
        context?.Forward(decode);
        decoder.Forward(decode, codes);

        logPrior = new LaunchList(vae.Device);
        logPriorRows = vae.Arena.Matrix(DiscreteVae.PriorRows(context), vae.CodeWidth, MemoryUse.Codes);
        context?.Forward(logPrior);
        vae.RecordLogPrior(logPrior, logPriorRows, context);
    }

    /// <summary>Posterior probabilities q(z | x), or q(z | x, c), [n, N K], of examples [n, D].</summary>
    public float[] Posterior(float[] examples, float[]? contexts = null) => InChunks(examples, batch, contexts, encode, posterior);

    /// <summary>The mean of p(x | z), or p(x | c, z), [n, D], for codes [n, N K], one-hot or any other weights.</summary>
    public float[] Decode(float[] codeRows, float[]? contexts = null)
    {
        int width = decoder.Output.Columns;
        float[] outputs = InChunks(codeRows, codes, contexts, decode, decoder.Output);
        return [.. Enumerable.Range(0, codeRows.Length / vae.CodeWidth)
            .SelectMany(row => vae.Design.Likelihood.Mean(outputs.AsSpan(row * width, width), vae.Design.DataWidth))];
    }

    /// <summary>log p(z), or log p(z | c), of <paramref name="count"/> rows, [n, N K], nats.</summary>
    public float[] LogPrior(int count, float[]? contexts = null)
    {
        if (context?.PriorLogits is not null)
            return InChunks(Contexts(contexts, count), context.Values, null, logPrior, logPriorRows);
        logPrior.Replay();
        float[] shared = vae.Device.Download(logPriorRows.View);
        return [.. Enumerable.Repeat(shared, count).SelectMany(row => row)];
    }

    /// <summary>Codes [n S, N K] drawn from log-probabilities [n, N K], S = <paramref name="perRow"/> for each row. Reserves memory at each call.</summary>
    public float[] Sample(float[] logProbabilities, int perRow, ulong seed)
    {
        (int n, int k) = (vae.Design.Latents, vae.Design.Categories);
        int count = logProbabilities.Length / vae.CodeWidth;
        Matrix logits = vae.Arena.Matrix(count * n, k, MemoryUse.Codes), drawn = vae.Arena.Matrix(count * perRow * n, k, MemoryUse.Codes);
        vae.Device.Upload<float>(logits.View, logProbabilities);
        LaunchList list = new(vae.Device);
        CategoricalSample.Record(list, vae.Arena.Allocate<StepState>(1, MemoryUse.Codes), logits, drawn, seed, Randomness.Prior, perRow, n);
        list.Replay();
        return vae.Device.Download(drawn.View);
    }

    /// <summary>One-hot codes [n, N K] of the most probable category of each variable, from probabilities [n, N K] or their logarithms.</summary>
    public float[] MostProbable(float[] probabilities)
    {
        int k = vae.Design.Categories;
        float[] oneHot = new float[probabilities.Length];
        for (int start = 0; start < probabilities.Length; start += k)
        {
            int best = 0;
            for (int i = 1; i < k; i++)
            {
                if (probabilities[start + i] > probabilities[start + best])
                    best = i;
            }

            oneHot[start + best] = 1f;
        }

        return oneHot;
    }

    private float[] InChunks(float[] source, Matrix input, float[]? contexts, LaunchList list, Matrix output)
    {
        int count = source.Length / input.Columns;
        if (count * input.Columns != source.Length)
            throw new ArgumentException($"{source.Length} numbers are no whole rows of {input.Columns}.", nameof(source));
        bool withContext = context is not null && input != context.Values;
        if (withContext)
            contexts = Contexts(contexts, count);
        float[] result = new float[count * output.Columns];
        for (int start = 0; start < count; start += rows)
        {
            int here = Math.Min(rows, count - start);
            Upload(source, input, start, here);
            if (withContext)
                Upload(contexts!, context!.Values, start, here);
            list.Replay();
            vae.Device.Download(output.View).AsSpan(0, here * output.Columns).CopyTo(result.AsSpan(start * output.Columns));
        }

        return result;
    }

    private void Upload(float[] source, Matrix target, int start, int count) =>
        vae.Device.Upload<float>(target.View, source.AsSpan(start * target.Columns, count * target.Columns));

    private float[] Contexts(float[]? contexts, int count)
    {
        int width = vae.Design.ContextWidth;
        return contexts?.Length == count * width
            ? contexts
            : throw new ArgumentException($"{contexts?.Length ?? 0} numbers of context are no {count} rows of {width}: give the context of each row.", nameof(contexts));
    }
}
