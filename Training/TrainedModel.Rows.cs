using IlgpuVae.Model;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Evaluation;
using IlgpuVae.Training.Runs;

namespace IlgpuVae.Training;

/// <content>Rows as the model sees them, which is how files are read: what the commands use.</content>
public sealed partial class TrainedModel
{
    private RowScores? scores;
    private string? identity;
    private float[] part = [];

    /// <summary>What tells it from any other model: <see cref="RunIdentity"/>, made once.</summary>
    internal string Identity => identity ??= RunIdentity.Of(Vae);

    /// <summary>ELBO and log-likelihood of each row as the model sees it, its context with it.</summary>
    internal (double[] Elbo, double[] LogLikelihood) Scores(DataSet rows, long first = 0, int importanceSamples = 1000)
    {
        List<double> elbo = [], logLikelihood = [];
        rows = AsNumbers(rows);
        lock (deviceTurn)
        {
            scores ??= new RowScores(Vae, Data, rows, BatchRows, Config.Options.Seed, importanceSamples);
            for (int start = 0; start < rows.Count; start += BatchRows)
            {
                int[] places = [.. Enumerable.Range(start, Math.Min(BatchRows, rows.Count - start))];
                (double[] bounds, double[] whole) = scores.Of(rows.Take(places, rows.Name), first + start);
                elbo.AddRange(bounds);
                logLikelihood.AddRange(whole);
            }
        }

        return ([.. elbo], [.. logLikelihood]);
    }

    /// <summary>Posterior probabilities of rows as the model sees them, [n, N K].</summary>
    private float[] PosteriorOf(DataSet rows, DataSet? contexts)
    {
        float[]? told = contexts?.Numbers();
        if (rows.Bytes is null)
            return encoding.Do(rows.Values!, rows.Width, told, Data.ContextWidth, Vae.CodeWidth);

        // Grey levels become numbers a part at a time and always in the same memory, which one thread at a time has: fresh memory can cost more than the
        // encoder.
        float[] posterior = new float[rows.Count * Vae.CodeWidth], numbers = Interlocked.Exchange(ref part, []);
        for (int start = 0; start < rows.Count; start += BatchRows)
        {
            int count = Math.Min(BatchRows, rows.Count - start);
            if (numbers.Length != count * rows.Width)
                numbers = new float[count * rows.Width];
            GreyLevels.Numbers(rows.Bytes.AsSpan(start * rows.Width, numbers.Length), numbers);
            float[]? toldHere = told?.AsSpan(start * Data.ContextWidth, count * Data.ContextWidth).ToArray();
            encoding.Do(numbers, rows.Width, toldHere, Data.ContextWidth, Vae.CodeWidth).CopyTo(posterior, start * Vae.CodeWidth);
        }

        part = numbers;
        return posterior;
    }

    private static DataSet AsNumbers(DataSet set) =>
        set with { Bytes = null, Values = set.Numbers(), Context = set.Context is { } told ? AsNumbers(told) : null };

    /// <summary>The key of the draws of a batch whose first row stands at <paramref name="first"/>: each batch has draws of its own.</summary>
    internal static ulong Key(ulong seed, long first) => seed + ((ulong)first << 20);

    /// <summary>The mean of p(x | z), or p(x | c, z), as the model sees it, [n, D], for codes [n, N] and contexts as it sees them.</summary>
    internal float[] MeanAsSeen(int[] codes, float[]? contexts) => DecodedAsSeen(codes, contexts, Vae.Design.Likelihood.Mean);

    /// <summary>Contexts as the model sees them in the data's own units.</summary>
    internal float[] ToldOutward(float[] contexts) => told.Outward(contexts);

    /// <summary>Rows as the model sees them in the data's own units.</summary>
    internal float[] Outward(float[] values) => modelled.Outward(values);

    /// <summary>Rows in the data's own units as the model sees them.</summary>
    internal float[] Seen(float[] values) => modelled.Inward(values);

    private float[] Decoded(ReadOnlySpan<int> codes, ReadOnlySpan<float> contexts, Func<ReadOnlySpan<float>, int, float[]> read) =>
        DecodedAsSeen(codes.ToArray(), Context(contexts), read);

    private float[] DecodedAsSeen(int[] codes, float[]? contexts, Func<ReadOnlySpan<float>, int, float[]> read)
    {
        Likelihood likelihood = Vae.Design.Likelihood;
        return likelihood.OfRows(decoding.Do(codes, Latents, contexts, Data.ContextWidth, likelihood.OutputWidth(Data.Width)), Data.Width, read);
    }
}
