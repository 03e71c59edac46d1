using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Pictures;

namespace IlgpuVae.Training.Runs;

/// <summary>
/// What a conditional model predicts: a row for each of some contexts, with an example that has it, the most probable code of p(z | c), codes drawn from p(z |
/// c) and, where the joint codes are few, all of them, decoded in that context.
/// </summary>
/// <param name="vae">The model.</param>
/// <param name="data">Where the contexts come from.</param>
/// <param name="contract">What columns are called, and their units.</param>
internal sealed class ConditionalSamples(DiscreteVae vae, DataSet data, DataContract contract)
{
    /// <summary>Contexts shown where nobody says how many.</summary>
    public const int DefaultContexts = 8;

    private const int SamplesEach = 6;
    private const int MostCodes = 16;

    /// <summary>
    /// The first examples of a set with contexts that differ from each other, ordered by class; of one class alone where <paramref name="className"/>, its
    /// name or, where classes have none, its number, says so.
    /// </summary>
    /// <exception cref="InputException">There is no such class.</exception>
    public static IReadOnlyList<int> Choose(DataSet data, string? className, int count)
    {
        ArgumentNullException.ThrowIfNull(data);
        DataSet context = data.Context ?? throw new ArgumentException($"{data.Name} has no contexts.", nameof(data));
        int? label = className is null ? null : Label(data, className);
        List<(int Example, float[] Context)> chosen = [];
        for (int i = 0; i < data.Count && chosen.Count < count; i++)
        {
            if (label is not null && data.Labels![i] != label)
                continue;
            float[] candidate = context.Example(i);
            if (!chosen.Any(other => candidate.AsSpan().SequenceEqual(other.Context)))
                chosen.Add((i, candidate));
        }

        return [.. chosen.Select(one => one.Example).OrderBy(example => data.Labels?[example] ?? 0)];
    }

    /// <summary>Writes the picture.</summary>
    /// <param name="path">PNG file to write.</param>
    /// <param name="examples">The examples whose contexts are shown.</param>
    /// <param name="seed">Key of the samples.</param>
    public void Write(string path, IReadOnlyList<int> examples, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(examples);
        Inference inference = new(vae);
        int n = vae.Design.Latents;
        float[] logPrior = inference.LogPrior(examples.Count, WholePicture.Contexts(data, examples));
        int[] likely = inference.MostProbable(logPrior), drawn = inference.Sample(logPrior, SamplesEach, seed), all = AllCodes();

        // Under a uniform prior no code is more probable than another.
        bool withLikely = vae.Design.Prior != PriorKind.Uniform;
        int[] codes = [.. Enumerable.Range(0, examples.Count).SelectMany(row => (int[])
            [.. withLikely ? likely[(row * n)..((row + 1) * n)] : [], .. drawn[(row * SamplesEach * n)..((row + 1) * SamplesEach * n)], .. all])];
        string[] columns =
        [
            "data", .. withLikely ? ["most likely"] : Array.Empty<string>(), .. Enumerable.Range(1, SamplesEach).Select(s => $"sample {s}"), .. CodeNames(all),
        ];
        int decodedEach = columns.Length - 1;
        int[] exampleOfRow = [.. examples.SelectMany(example => Enumerable.Repeat(example, decodedEach))];
        float[] decoded = inference.Decode(codes, WholePicture.Contexts(data, exampleOfRow));
        float[] rows =
        [
            .. Enumerable.Range(0, examples.Count)
            .SelectMany(row => data.Example(examples[row]).Concat(decoded.AsSpan(row * decodedEach * data.Width, decodedEach * data.Width).ToArray())),
        ];
        string title = $"{examples.Count} conditions (rows) and what the model predicts of them";
        string[] rowNames = [.. examples.Select(Name)];
        WholePicture whole = new(data, contract);
        if (whole.Size is { } picture)
        {
            float[]? contexts = WholePicture.Contexts(data, examples.SelectMany(example => Enumerable.Repeat(example, columns.Length)));
            new TileGrid(picture.Height, picture.Width, columns.Length)
            {
                Title = title,
                ColumnHeaders = columns,
                RowHeaders = rowNames,
            }.Save(path, whole.Of(rows, contexts));
            return;
        }

        new HeatMap(
            title, [.. rowNames.SelectMany(name => columns.Select(column => $"{name}: {column}"))], contract.ModelledNames)
        { ScaleEachColumn = true }.Save(path, new ColumnUnits(contract.Modelled).Outward(rows));
    }

    private static int Label(DataSet data, string className)
    {
        int[] labels = data.Labels
            ?? throw new InputException(
                $"{data.Name} has no classes for {Setting.Of(nameof(TrainingOptions.Condition))} {MessageText.Excerpt(className)} to choose from. Give "
                    + $"{Setting.Of(nameof(TrainingOptions.Condition))} alone.");
        return ClassNames.Find(className, labels.Distinct().Order(), data.LabelNames, data.Name);
    }

    private string Name(int example) => data.Labels is { } labels
        ? data.LabelNames?[labels[example]] ?? $"class {labels[example]}"
        : $"example {example + 1}";

    private int[] AllCodes()
    {
        (int n, int k) = (vae.Design.Latents, vae.Design.Categories);
        if (vae.JointCodeCount is not { } count || count > MostCodes)
            return [];
        int[] codes = new int[count * n];
        for (int s = 0; s < count; s++)
        {
            int rest = s;
            for (int variable = n - 1; variable >= 0; variable--)
            {
                codes[(s * n) + variable] = rest % k;
                rest /= k;
            }
        }

        return codes;
    }

    private IEnumerable<string> CodeNames(int[] codes) => codes.Chunk(vae.Design.Latents).Select(code => "z = " + string.Join(' ', code));
}
