using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>
/// Uses a model on host arrays: encodes examples, decodes codes. Binds a fixed number of rows and pads the last call. A conditional model wants the context
/// of each row too, [n, C].
/// </summary>
public sealed class Inference
{
    private readonly DiscreteVae vae;
    private readonly int rows;
    private readonly Matrix batch;
    private readonly Codes codes;
    private readonly ContextRows? context;
    private readonly LayerPass encoder, decoder;
    private readonly LaunchList encode, decode, logPrior;
    private readonly Matrix posterior, logPriorRows;
    private readonly ArrayView<StepState> chunk;

    /// <summary>Reserves memory for <paramref name="rows"/> rows at a time in the model's arena.</summary>
    public Inference(DiscreteVae vae, int rows = 64)
    {
        this.vae = vae;
        this.rows = rows;
        VaeDesign design = vae.Design;
        batch = vae.Arena.Matrix(rows, design.DataWidth, MemoryUse.Activations);
        codes = vae.HardCodes(rows);
        context = vae.BindContext(rows, training: false);
        encoder = vae.BindEncoder(rows, training: false);
        decoder = vae.BindDecoder(rows, training: false, context);
        posterior = vae.Arena.Matrix(rows, vae.CodeWidth, MemoryUse.Codes);
        chunk = vae.Arena.Allocate<StepState>(1, MemoryUse.Codes);
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
    public float[] Posterior(float[] examples, float[]? contexts = null) => InChunks(examples, batch.View, batch.Columns, contexts, encode, posterior);

    /// <summary>The mean of p(x | z), or p(x | c, z), [n, D], for the category numbers [n, N] of codes.</summary>
    /// <exception cref="ArgumentException">A number is none of the K categories, or there are no whole codes.</exception>
    public float[] Decode(int[] numbers, float[]? contexts = null) =>
        vae.Design.Likelihood.OfRows(Outputs(numbers, contexts), vae.Design.DataWidth, vae.Design.Likelihood.Mean);

    /// <summary>The decoder's outputs, [n, W], for the category numbers [n, N] of codes: the parameters of p(x | z), or p(x | c, z).</summary>
    /// <exception cref="ArgumentException">A number is none of the K categories, or there are no whole codes.</exception>
    public float[] Outputs(int[] numbers, float[]? contexts = null)
    {
        ArgumentNullException.ThrowIfNull(numbers);
        if (Array.FindIndex(numbers, number => (uint)number >= (uint)vae.Design.Categories) is >= 0 and int wrong)
            throw new ArgumentException($"category {numbers[wrong]} of a code is none of the numbers from 0 to {vae.Design.Categories - 1}.", nameof(numbers));
        return InChunks(numbers, codes.Numbers, codes.Variables, contexts, decode, decoder.Output);
    }

    /// <summary>log p(z), or log p(z | c), of <paramref name="count"/> rows, [n, N K], nats.</summary>
    public float[] LogPrior(int count, float[]? contexts = null)
    {
        if (context?.PriorLogits is not null)
            return InChunks(Contexts(contexts, count), context.Values.View, context.Values.Columns, null, logPrior, logPriorRows);
        logPrior.Replay();
        float[] shared = vae.Device.Download(logPriorRows.View);
        return [.. Enumerable.Repeat(shared, count).SelectMany(row => row)];
    }

    /// <summary>Category numbers [n S, N] of codes drawn from log-probabilities [n, N K], S = <paramref name="perRow"/> for each row.</summary>
    public int[] Sample(float[] logProbabilities, int perRow, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(logProbabilities);
        int width = vae.CodeWidth, count = logProbabilities.Length / width * perRow, n = vae.Design.Latents;
        LaunchList draw = new(vae.Device);
        CategoricalSample.Record(draw, chunk, posterior.Reshape(rows * n, vae.Design.Categories), codes, seed, Randomness.Prior, 1);
        int[] numbers = new int[count * n];
        float[] repeated = new float[rows * width];
        for (int start = 0; start < count; start += rows)
        {
            int here = Math.Min(rows, count - start);
            for (int row = 0; row < here; row++)
                logProbabilities.AsSpan((start + row) / perRow * width, width).CopyTo(repeated.AsSpan(row * width));
            vae.Device.Upload<float>(posterior.View, repeated);

            // The step is what tells the noise of one chunk from another's.
            vae.Device.Upload<StepState>(chunk, [new StepState { Step = start / rows }]);
            draw.Replay();
            vae.Device.Download(codes.Numbers).AsSpan(0, here * n).CopyTo(numbers.AsSpan(start * n));
        }

        return numbers;
    }

    /// <summary>The number of the most probable category of each variable, [n, N], from probabilities [n, N K] or their logarithms.</summary>
    public int[] MostProbable(float[] probabilities)
    {
        ArgumentNullException.ThrowIfNull(probabilities);
        int k = vae.Design.Categories;
        int[] numbers = new int[probabilities.Length / k];
        for (int variable = 0; variable < numbers.Length; variable++)
        {
            ReadOnlySpan<float> row = probabilities.AsSpan(variable * k, k);
            for (int i = 1; i < k; i++)
            {
                if (row[i] > row[numbers[variable]])
                    numbers[variable] = i;
            }
        }

        return numbers;
    }

    private float[] InChunks<T>(T[] source, ArrayView<T> input, int width, float[]? contexts, LaunchList list, Matrix output)
        where T : unmanaged
    {
        int count = source.Length / width;
        if (count * width != source.Length)
            throw new ArgumentException($"{source.Length} numbers are no whole rows of {width}.", nameof(source));
        bool withContext = context is not null && list != logPrior;
        if (withContext)
            contexts = Contexts(contexts, count);
        float[] result = new float[count * output.Columns];
        for (int start = 0; start < count; start += rows)
        {
            int here = Math.Min(rows, count - start);
            Upload(source, input, width, start, here);
            if (withContext)
                Upload(contexts!, context!.Values.View, context.Values.Columns, start, here);
            list.Replay();
            vae.Device.Download(output.View).AsSpan(0, here * output.Columns).CopyTo(result.AsSpan(start * output.Columns));
        }

        return result;
    }

    private void Upload<T>(T[] source, ArrayView<T> target, int width, int start, int count)
        where T : unmanaged => vae.Device.Upload<T>(target, source.AsSpan(start * width, count * width));

    private float[] Contexts(float[]? contexts, int count)
    {
        int width = vae.Design.ContextWidth;
        return contexts?.Length == count * width
            ? contexts
            : throw new ArgumentException(
                $"{contexts?.Length ?? 0} numbers of context are no {count} rows of {width}: give the context of each row.", nameof(contexts));
    }
}
