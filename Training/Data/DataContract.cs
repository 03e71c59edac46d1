using System.Globalization;
using System.Security.Cryptography;

namespace IlgpuVae.Training.Data;

/// <summary>What a column of numbers is for.</summary>
public enum ColumnRole
{
    /// <summary>It is modelled: part of x.</summary>
    Modelled,

    /// <summary>A conditional model is told it: part of c.</summary>
    Told,
}

/// <summary>A column of real numbers as a run read it: the model sees (value - <see cref="Shift"/>) / <see cref="Scale"/>.</summary>
/// <param name="Name">Its name in the header, or null where there was none.</param>
/// <param name="Number">Its place in the table, or in an example, from 1.</param>
/// <param name="Role">What it is for.</param>
/// <param name="Shift">In the data's own units.</param>
/// <param name="Scale">In the data's own units.</param>
/// <param name="Minimum">The smallest value of the training split, in the data's own units.</param>
/// <param name="Maximum">The largest, likewise.</param>
/// <param name="Mean">Its mean, likewise.</param>
/// <param name="Deviation">Its standard deviation, likewise; 0 where the column is constant.</param>
public sealed record ContractColumn(
    string? Name, int Number, ColumnRole Role, double Shift, double Scale, double Minimum, double Maximum, double Mean, double Deviation)
{
    /// <summary>What the model sees of a value.</summary>
    internal double Inward(double value) => (value - Shift) / Scale;

    /// <summary>The value that the model sees so.</summary>
    internal double Outward(double seen) => (seen * Scale) + Shift;

    /// <summary>What to call it.</summary>
    internal string Title => Name ?? Number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A split that a run was made from.</summary>
/// <param name="Examples">How many.</param>
/// <param name="Content">SHA-256 of its numbers as the model sees them, contexts included.</param>
public sealed record ContractSplit(int Examples, string Content);

/// <summary>
/// What turned a user's file into the numbers that a run learned from. It is kept beside the run as <c>data.json</c>: new data are read by it, and numbers of
/// the model are brought back into the data's own units.
/// </summary>
public sealed record DataContract
{
    /// <summary>What the data were called.</summary>
    public required string Name { get; init; }

    /// <summary>D, numbers of an example that are modelled.</summary>
    public required int Width { get; init; }

    /// <summary>C, numbers that the model is told about each example; 0 where it is not conditional.</summary>
    public required int ContextWidth { get; init; }

    /// <summary>What it is told, as the run's options spell it; null where it is not conditional.</summary>
    public string? Condition { get; init; }

    /// <summary>Whether examples are grey levels, 0 to 255, rather than real numbers.</summary>
    public required bool IsGrey { get; init; }

    /// <summary>Whether grey levels were black and white alone, so that bytes of 0 and 1 are truth values.</summary>
    public bool IsBlackAndWhite { get; init; }

    /// <summary>What a datum is multiplied by to give its level of the categorical likelihood; 1 elsewhere.</summary>
    public float LevelScale { get; init; } = 1f;

    /// <summary>Height of pictures, or null where examples are none. Rows run from the top, one channel.</summary>
    public int? Height { get; init; }

    /// <summary>Width of pictures, in pixels, or null.</summary>
    public int? PictureWidth { get; init; }

    /// <summary>How grey levels became ones and zeros.</summary>
    public required Binarisation Binarisation { get; init; }

    /// <summary>Columns of the whole table, or null where the source was none.</summary>
    public int? TableWidth { get; init; }

    /// <summary>The columns of real numbers, the modelled ones and then those told, in the order that the model has them; null for grey levels.</summary>
    public IReadOnlyList<ContractColumn>? Columns { get; init; }

    /// <summary>The label's column by its name in the header, or null where there is none.</summary>
    public string? LabelName { get; init; }

    /// <summary>The label's column by its place, from 1, or null where there is none.</summary>
    public int? LabelNumber { get; init; }

    /// <summary>The classes by their numbers 0, 1, ...; null where there are no labels, or where the source numbers its classes itself.</summary>
    public IReadOnlyList<string>? Classes { get; init; }

    /// <summary>The seed that splits were drawn by, where the source brought none.</summary>
    public int SplitSeed { get; init; }

    /// <summary>What was trained on.</summary>
    public required ContractSplit Train { get; init; }

    /// <summary>What it was validated on, or null.</summary>
    public ContractSplit? Valid { get; init; }

    /// <summary>What was kept for a test, or null.</summary>
    public ContractSplit? Test { get; init; }

    /// <summary>The columns that are modelled.</summary>
    internal IEnumerable<ContractColumn> Modelled => Columns?.Where(column => column.Role == ColumnRole.Modelled) ?? [];

    /// <summary>Mean of each of the D modelled numbers over the training split, as the model sees them; none for grey levels.</summary>
    internal float[] Centre => [.. Modelled.Select(column => (float)column.Inward(column.Mean))];

    /// <summary>Their standard deviations, 1 where a column is constant.</summary>
    internal float[] Spread => [.. Modelled.Select(column => column.Deviation > 0 ? (float)(column.Deviation / column.Scale) : 1f)];

    /// <summary>The columns that the model is told.</summary>
    internal IEnumerable<ContractColumn> Told => Columns?.Where(column => column.Role == ColumnRole.Told) ?? [];

    /// <summary>What the D modelled numbers are called.</summary>
    internal IReadOnlyList<string> ModelledNames => Names(Modelled, Width, "x");

    /// <summary>What the C numbers that the model is told are called; a class one-hot by the classes' names.</summary>
    internal IReadOnlyList<string> ToldNames => Told.Any() ? Names(Told, ContextWidth, "c") : Classes ?? Names([], ContextWidth, "c");

    /// <summary>Height and width of pictures, or null.</summary>
    internal (int Height, int Width)? Picture => Height is { } height && PictureWidth is { } width ? (height, width) : null;

    /// <summary>Height and width of the upper halves that a model of lower halves is told, or null.</summary>
    internal (int Height, int Width)? UpperHalf => Condition == Data.Condition.TopHalf && Picture is (_, int width) ? (ContextWidth / width, width) : null;

    /// <summary>No examples, shaped as the run's: what pictures have to know of the data where none are shown.</summary>
    internal DataSet NoExamples => new()
    {
        Name = Name,
        Count = 0,
        Width = Width,
        Picture = Picture,
        Values = [],
        Context = ContextWidth == 0 ? null : new DataSet { Name = Name, Count = 0, Width = ContextWidth, Picture = UpperHalf, Values = [] },
    };

    /// <summary>
    /// log |dx'/dx| of the scaling in nats an example: what a log-density of the model's numbers loses to become one in the data's own units.
    /// </summary>
    public double LogVolume => Modelled.Sum(column => Math.Log(column.Scale));

    /// <summary>Writes down how a run's data came to be.</summary>
    /// <param name="options">The run's options.</param>
    /// <param name="read">The splits as they were read and scaled, before what is told was parted from them.</param>
    /// <param name="splits">The splits as the model sees them.</param>
    /// <param name="binarisation">How grey levels become ones and zeros.</param>
    internal static DataContract Of(TrainingOptions options, DataSplits read, DataSplits splits, Binarisation binarisation)
    {
        DataSet train = splits.Train;
        return new DataContract
        {
            Name = read.Train.Name.EndsWith(" train", StringComparison.Ordinal) ? read.Train.Name[..^6] : read.Train.Name,
            Width = train.Width,
            ContextWidth = train.Context?.Width ?? 0,
            Condition = options.Condition,
            IsGrey = read.Train.Bytes is not null,
            IsBlackAndWhite = read.Train.Bytes is { } grey && !grey.AsSpan().ContainsAnyExcept(byte.MinValue, byte.MaxValue),
            LevelScale = LikelihoodFactory.LevelScale(options, read.Train),
            Height = train.Picture?.Height,
            PictureWidth = train.Picture?.Width,
            Binarisation = binarisation,
            TableWidth = read.Train.Columns?.Count,
            Columns = read.Train.Values is null ? null : ColumnsOf(options, read),
            LabelName = read.Train.Columns is { Label: { } label, Names: { } names } ? names[label] : null,
            LabelNumber = read.Train.Columns?.Label + 1,
            Classes = read.Train.LabelNames,
            SplitSeed = options.Reading.SplitSeed,
            Train = SplitOf(train)!,
            Valid = SplitOf(splits.Valid),
            Test = SplitOf(splits.Test),
        };
    }

    /// <summary>What of the data is another than in <paramref name="earlier"/>, in a few words, or null where nothing is.</summary>
    internal string? ChangeSince(DataContract earlier)
    {
        if (Width != earlier.Width || ContextWidth != earlier.ContextWidth)
            return $"it has {Train.Examples} training examples of {Width + ContextWidth} numbers, and had {earlier.Train.Examples} of "
                + $"{earlier.Width + earlier.ContextWidth}";
        if (Train.Examples != earlier.Train.Examples)
            return $"it has {Train.Examples} training examples, and had {earlier.Train.Examples}";
        if (!Titles(this).SequenceEqual(Titles(earlier)))
            return $"its columns are {string.Join(", ", Titles(this))}, and were {string.Join(", ", Titles(earlier))}";
        if (!(Classes ?? []).SequenceEqual(earlier.Classes ?? []))
            return $"its classes are {string.Join(", ", Classes ?? [])}, and were {string.Join(", ", earlier.Classes ?? [])}";
        return Train.Content == earlier.Train.Content && Valid?.Content == earlier.Valid?.Content ? null : "its numbers are others";

        static IEnumerable<string> Titles(DataContract contract) => (contract.Columns ?? []).Select(column => MessageText.Excerpt(column.Title));
    }

    private static ContractColumn[] ColumnsOf(TrainingOptions options, DataSplits read)
    {
        DataSet train = read.Train;
        int[] told = Data.Condition.ColumnsTold(train, options.Condition);
        double divisor = options.Reading.Scale ?? 1;

        // What was standardised is measured already, in the data's own units.
        ColumnScaling spread = read.Scaling ?? ColumnScaling.Measure(train);
        double unit = read.Scaling is null ? divisor : 1;
        return [.. Enumerable.Range(0, train.Width).Except(told).Select(d => Column(d, ColumnRole.Modelled)), .. told.Select(d => Column(d, ColumnRole.Told))];

        ContractColumn Column(int d, ColumnRole role)
        {
            double shift = read.Scaling?.Mean[d] ?? 0, scale = read.Scaling?.Deviation[d] ?? divisor;
            (float least, float most) = spread.Range[d];
            return new ContractColumn(
                train.Columns?.Names?[train.Columns.Kept[d]],
                (train.Columns?.Kept[d] ?? d) + 1,
                role,
                shift,
                scale,
                least * unit,
                most * unit,
                spread.Mean[d] * unit,
                least == most ? 0 : spread.Deviation[d] * unit);
        }
    }

    private static ContractSplit? SplitOf(DataSet? set)
    {
        if (set is null)
            return null;
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (DataSet? part = set; part is not null; part = part.Context)
        {
            for (int i = 0; i < part.Count; i++)
                hash.AppendData(part.Row(i));
        }

        return new ContractSplit(set.Count, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static string[] Names(IEnumerable<ContractColumn> columns, int width, string letter)
    {
        string[] names = [.. columns.Select(column => column.Name ?? $"{letter}{column.Number}")];
        return names.Length > 0 ? names : [.. Enumerable.Range(1, width).Select(number => $"{letter}{number}")];
    }
}
