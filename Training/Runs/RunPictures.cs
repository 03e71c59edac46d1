using IlgpuVae.Model;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Pictures;

namespace IlgpuVae.Training.Runs;

/// <summary>The pictures of a run: reconstructions beside originals, one decoded image per code, samples from the prior, the course of the loss.</summary>
/// <param name="vae">The model.</param>
/// <param name="data">Examples, which also say how a picture is shaped.</param>
/// <param name="contract">What columns are called, and their units.</param>
internal sealed class RunPictures(DiscreteVae vae, DataSet data, DataContract contract)
{
    // More codes than this make a picture nobody looks through; the most used ones are shown.
    private const int MostCodes = 400;

    private readonly Inference inference = new(vae);
    private readonly ColumnUnits units = new(contract.Modelled);
    private readonly WholePicture whole = new(data, contract);

    /// <summary>Writes <paramref name="count"/> examples with the decoded mean of their most probable code.</summary>
    public void Reconstructions(string path, int count)
    {
        int shown = Math.Min(count, data.Count);
        float[] originals = [.. Enumerable.Range(0, shown).SelectMany(data.Example)];
        float[]? contexts = Contexts(Enumerable.Range(0, shown));
        float[] decoded = inference.Decode(inference.MostProbable(inference.Posterior(originals, contexts)), contexts);
        if (whole.Size is { } picture)
        {
            TileGrid.SaveReconstructions(path, whole.Of(originals, contexts), whole.Of(decoded, contexts), picture.Height, picture.Width);
            return;
        }

        float[] pairs = units.Outward(
        [
            .. Enumerable.Range(0, shown)
            .SelectMany(i => originals.AsSpan(i * data.Width, data.Width).ToArray().Concat(decoded.AsSpan(i * data.Width, data.Width).ToArray())),
        ]);
        string[] names = [.. Enumerable.Range(1, shown).SelectMany(i => new[] { $"data {i}", "model" })];
        new HeatMap("examples and their reconstructions", names, contract.ModelledNames) { ScaleEachColumn = true }.Save(path, pairs);
    }

    /// <summary>
    /// Writes one decoded image per code. For one variable that is each of its categories; for several, a row for each variable and a column for each category,
    /// the other variables at their most used category. A conditional model's are means over the contexts of some examples.
    /// </summary>
    /// <param name="path">PNG file to write.</param>
    /// <param name="meanPosterior">How often each category is used, [N, K].</param>
    public void Codes(string path, IReadOnlyList<double> meanPosterior)
    {
        (int n, int k) = (vae.Design.Latents, vae.Design.Categories);
        int[] modes = inference.MostProbable([.. meanPosterior.Select(share => (float)share)]);
        int[] shown = [.. Enumerable.Range(0, n * k)];
        if (n * k > MostCodes)
            shown = [.. shown.OrderByDescending(code => meanPosterior[code]).Take(MostCodes).Order()];
        int[] codes = [.. shown.SelectMany(code => CodeBook.With(modes, code / k, code % k))];
        float[] images = units.Outward(ContextMeans.Of(inference.Decode, codes, shown.Length, data));
        double[] usage = [.. shown.Select(code => meanPosterior[code] / n)];
        if (data.Picture is not { } picture)
        {
            new HeatMap(
                "decoded mean of each code",
                [.. shown.Select(code => n == 1 ? $"code {code}" : $"{(code / k) + 1}: {code % k}")],
                contract.ModelledNames)
            { ScaleEachColumn = true }.Save(path, images);
        }
        else if (n == 1 || shown.Length < n * k)
        {
            TileGrid.SaveCodes(
                path, images, usage, picture.Height, picture.Width, data.Context is null ? null : $"{usage.Length} codes, means over conditions");
        }
        else
        {
            new TileGrid(picture.Height, picture.Width, k)
            {
                Title = $"{n} variables (rows) of {k} categories, the others at their most used",
                Usage = usage,
            }.Save(path, images);
        }
    }

    /// <summary>Writes the decoded means of <paramref name="count"/> codes drawn from the prior.</summary>
    public void Samples(string path, int count, ulong seed)
    {
        float[] images = units.Outward(inference.Decode(inference.Sample(inference.LogPrior(1), count, seed)));
        string title = $"{count} samples from the prior";
        if (data.Picture is { } picture)
            new TileGrid(picture.Height, picture.Width, TileGrid.ColumnsFor(count)) { Title = title }.Save(path, images);
        else
            new HeatMap(title, [.. Enumerable.Range(1, count).Select(i => $"sample {i}")], contract.ModelledNames)
            { ScaleEachColumn = true }.Save(path, images);
    }

    /// <summary>Writes the course of the ELBO and the KL.</summary>
    /// <param name="path">PNG file to write.</param>
    /// <param name="rows">The run's metrics.</param>
    /// <param name="held">What the held-out examples are called.</param>
    /// <param name="heldExamples">How many of them are looked at on the way.</param>
    /// <param name="bestPossible">The best ELBO that there can be, or null.</param>
    public static void Course(string path, IReadOnlyList<MetricsRow> rows, string held, int heldExamples, double? bestPossible)
    {
        MetricsRow[] onTheWay = [.. OnTheWay(rows, held, heldExamples)];
        ChartPanel elbo = new(
            "ELBO, nats per example", [CurveSeries.From(rows, "elbo", "train"), CurveSeries.From(onTheWay, $"{held}_elbo", held, dashed: true)])
        {
            Reference = bestPossible is { } best ? ("best possible", best) : null,
        };
        ChartPanel kl = new("KL, nats per example", [CurveSeries.From(rows, "kl", "train"), CurveSeries.From(onTheWay, $"{held}_kl", held, dashed: true)]);
        new LossCurve("course of training", [elbo, kl]).Save(path);
    }

    /// <summary>The evaluations that compare with each other: the one at the end, on all examples, can be a step away from those on the way.</summary>
    internal static IEnumerable<MetricsRow> OnTheWay(IReadOnlyList<MetricsRow> rows, string held, int examples) =>
        rows.Where(row => row.Values.TryGetValue($"{held}_examples", out double looked) && (int)looked == examples);

    private float[]? Contexts(IEnumerable<int> examples) => WholePicture.Contexts(data, examples);
}
