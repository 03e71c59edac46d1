using IlgpuVae.Training.Data;

namespace IlgpuVae.Training;

/// <summary>What one category of one variable stands for in some data.</summary>
/// <param name="Variable">From 0.</param>
/// <param name="Category">From 0.</param>
/// <param name="Count">Rows whose most probable category it is.</param>
/// <param name="Share">Mean of q over the rows.</param>
/// <param name="Mean">
/// Mean of x over these rows' decoded means where it is one of several variables, or of p(x | z) itself where it is the only one, [D], in the data's own units.
/// Where no row has it, the mean that it decodes to, the other variables at their most used categories, over the contexts of some rows.
/// </param>
/// <param name="Examples">Places, from 0, of the rows with this category that are nearest to its mean as the model sees them.</param>
internal sealed record CodeBookEntry(int Variable, int Category, int Count, double Share, float[] Mean, int[] Examples);

/// <summary>The code book of a model over a set of rows.</summary>
internal static class CodeBook
{
    private const int BatchRows = 4096;

    // Categories that no row has are decoded so many at a time.
    private const int UnusedAtATime = 64;

    /// <summary>An entry for each category of each variable, in order.</summary>
    /// <param name="model">The model.</param>
    /// <param name="data">The rows as the model sees them, with their contexts.</param>
    /// <param name="examples">Examples an entry.</param>
    public static IReadOnlyList<CodeBookEntry> Of(TrainedModel model, DataSet data, int examples)
    {
        (int n, int k, int d) = (model.Latents, model.Categories, data.Width);
        double[] share = new double[n * k];
        int[] codes = new int[data.Count * n];
        bool areAlone = n == 1 && model.Data.ContextWidth == 0;
        double[] sums = areAlone ? [] : new double[n * k * d];
        for (int start = 0; start < data.Count; start += BatchRows)
        {
            int[] places = [.. Enumerable.Range(start, Math.Min(BatchRows, data.Count - start))];
            DataSet batch = data.Take(places, data.Name);
            float[] posterior = model.Posterior(new RowBatch(start, batch.Count, batch, batch.Context, []));
            for (int i = 0; i < posterior.Length; i++)
                share[i % (n * k)] += posterior[i] / data.Count;
            int[] here = model.Inference.MostProbable(posterior);
            here.CopyTo(codes, start * n);
            if (areAlone)
                continue;
            float[] decoded = model.MeanAsSeen(here, batch.Context?.Numbers());
            for (int i = 0; i < decoded.Length; i++)
            {
                for (int variable = 0; variable < n; variable++)
                    sums[(((variable * k) + here[(i / d * n) + variable]) * d) + (i % d)] += decoded[i];
            }
        }

        int[][] rows = RowsOfEach(codes, n, k);
        int[] counts = Array.ConvertAll(rows, own => own.Length);
        if (!areAlone)
            FillUnused(model, data, counts, share, sums);
        float[] whole = areAlone ? model.MeanAsSeen([.. Enumerable.Range(0, k)], null) : [];
        return
        [
            .. Enumerable.Range(0, n * k).Select(entry =>
            {
                float[] mean = areAlone
                    ? whole[(entry * d)..((entry + 1) * d)]
                    : [.. Enumerable.Range(0, d).Select(column => (float)(sums[(entry * d) + column] / Math.Max(1, counts[entry])))];
                int[] nearest = [.. rows[entry].OrderBy(row => Distance(data, row, mean)).Take(examples)];
                return new CodeBookEntry(entry / k, entry % k, counts[entry], share[entry], model.Outward(mean), nearest);
            }),
        ];
    }

    // In one pass over the codes: asking all rows for each entry is felt where both are many.
    private static int[][] RowsOfEach(int[] codes, int n, int k)
    {
        List<int>[] rows = [.. Enumerable.Range(0, n * k).Select(_ => new List<int>())];
        for (int i = 0; i < codes.Length; i++)
            rows[(i % n * k) + codes[i]].Add(i / n);
        return Array.ConvertAll(rows, own => own.ToArray());
    }

    // What no row has has no mean in the data, but the model still means something by it.
    private static void FillUnused(TrainedModel model, DataSet data, int[] counts, double[] share, double[] sums)
    {
        (int n, int k, int d) = (model.Latents, model.Categories, data.Width);
        int[] mostUsed = model.Inference.MostProbable(Array.ConvertAll(share, one => (float)one));
        foreach (int[] entries in Enumerable.Range(0, n * k).Where(entry => counts[entry] == 0).Chunk(UnusedAtATime))
        {
            int[] codes = [.. entries.SelectMany(entry => With(mostUsed, entry / k, entry % k))];
            float[] means = ContextMeans.Of(model.MeanAsSeen, codes, entries.Length, data);
            for (int i = 0; i < means.Length; i++)
                sums[(entries[i / d] * d) + (i % d)] = means[i];
        }
    }

    /// <summary>A code [N] with another category of one variable.</summary>
    internal static int[] With(int[] code, int variable, int category) => [.. code[..variable], category, .. code[(variable + 1)..]];

    private static double Distance(DataSet data, int row, float[] mean) => data.Example(row).Zip(mean, (x, m) => (double)(x - m) * (x - m)).Sum();
}
