using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>Uses a model on host arrays: encodes examples, decodes codes. Binds a fixed number of rows and pads the last call.</summary>
public sealed class Inference
{
    private readonly DiscreteVae vae;
    private readonly int rows;
    private readonly Matrix batch, codes;
    private readonly LayerPass encoder, decoder;
    private readonly LaunchList encode, decode;
    private readonly Matrix posterior;

    /// <summary>Reserves memory for <paramref name="rows"/> rows at a time in the model's arena.</summary>
    public Inference(DiscreteVae vae, int rows = 64)
    {
        this.vae = vae;
        this.rows = rows;
        VaeDesign design = vae.Design;
        batch = vae.Arena.Matrix(rows, design.DataWidth, MemoryUse.Activations);
        codes = vae.Arena.Matrix(rows, vae.CodeWidth, MemoryUse.Codes);
        encoder = vae.BindEncoder(rows, training: false);
        decoder = vae.BindDecoder(rows, training: false);
        posterior = vae.Arena.Matrix(rows, vae.CodeWidth, MemoryUse.Codes);
        encode = new LaunchList(vae.Device);
        Matrix input = batch;
        if (design.Likelihood.EncodesStatistic && !design.Likelihood.StatisticIsData)
        {
            input = vae.Arena.Matrix(rows, design.Likelihood.StatisticWidth(design.DataWidth), MemoryUse.Activations);
            design.Likelihood.Statistic(encode, batch, input);
        }

        encoder.Forward(encode, input);
        Softmax.Forward(encode, encoder.Output.Reshape(rows * design.Latents, design.Categories), posterior.Reshape(rows * design.Latents, design.Categories));
        decode = new LaunchList(vae.Device);
        decoder.Forward(decode, codes);
    }

    /// <summary>Posterior probabilities q(z | x), [n, N K], of examples [n, D].</summary>
    public float[] Posterior(float[] examples) => InChunks(examples, vae.Design.DataWidth, batch, encode, posterior, vae.CodeWidth);

    /// <summary>The mean of p(x | z), [n, D], for codes [n, N K], one-hot or any other weights.</summary>
    public float[] Decode(float[] codeRows)
    {
        int width = decoder.Output.Columns;
        float[] outputs = InChunks(codeRows, vae.CodeWidth, codes, decode, decoder.Output, width);
        return [.. Enumerable.Range(0, codeRows.Length / vae.CodeWidth)
            .SelectMany(row => vae.Design.Likelihood.Mean(outputs.AsSpan(row * width, width), vae.Design.DataWidth))];
    }

    /// <summary>One-hot codes [n, N K] of the most probable category of each variable, from probabilities [n, N K].</summary>
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

    private float[] InChunks(float[] source, int sourceWidth, Matrix input, LaunchList list, Matrix output, int outputWidth)
    {
        int count = source.Length / sourceWidth;
        if (count * sourceWidth != source.Length)
            throw new ArgumentException($"{source.Length} numbers are no whole rows of {sourceWidth}.", nameof(source));
        float[] result = new float[count * outputWidth];
        for (int start = 0; start < count; start += rows)
        {
            int here = Math.Min(rows, count - start);
            vae.Device.Upload<float>(input.View, source.AsSpan(start * sourceWidth, here * sourceWidth));
            list.Replay();
            vae.Device.Download(output.View).AsSpan(0, here * outputWidth).CopyTo(result.AsSpan(start * outputWidth));
        }

        return result;
    }
}
