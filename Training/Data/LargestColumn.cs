using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>
/// The column of real numbers that is farthest from 0. Networks and losses multiply such numbers with each other and leave what a float holds.
/// </summary>
/// <param name="Size">The largest magnitude in it.</param>
/// <param name="Name">What it is called in messages: column 'height', or number 3 of an example.</param>
internal sealed record LargestColumn(float Size, string Name)
{
    // Squares of numbers beyond are infinite, or their sum over a batch is.
    private const float Largest = 1e18f;

    // Well within, but so far from 1 that a step can be lost by it.
    private const float Safe = 1e3f;

    /// <summary>It, or null where the data are grey levels.</summary>
    public static LargestColumn? Of(DataSet data)
    {
        if (data.Values is not { Length: > 0 } values)
            return null;
        int at = 0;
        for (int i = 1; i < values.Length; i++)
        {
            if (MathF.Abs(values[i]) > MathF.Abs(values[at]))
                at = i;
        }
        int place = at % data.Width;
        string name = data.Columns is not { } columns ? FormattableString.Invariant($"number {place + 1} of an example")
            : columns.Names is { } names ? $"column '{MessageText.Excerpt(names[columns.Kept[place]])}'"
            : FormattableString.Invariant($"column {columns.Kept[place] + 1}");
        return new LargestColumn(MathF.Abs(values[at]), name);
    }

    /// <summary>Refuses data whose numbers cannot be trained on as they are.</summary>
    /// <exception cref="InputException">They are too large.</exception>
    public static void Check(DataSplits splits, bool canStandardise)
    {
        string cure = canStandardise ? $"Use {Setting.Of(nameof(DataOptions.Standardise))}" : "Write it in a larger unit, or leave it out";
        IEnumerable<DataSet> sets = new[] { splits.Train, splits.Valid, splits.Test }.OfType<DataSet>();
        foreach (DataSet set in sets.SelectMany(set => new[] { set, set.Context }).OfType<DataSet>())
        {
            if (Of(set) is { Size: > Largest } column)
                throw new InputException(FormattableString.Invariant(
                    $"{set.Name}: {column.Name} goes up to {column.Size:G3}, and squares of such numbers are beyond a float. ") + $"{cure}.");
        }
    }

    /// <summary>The setting that helps a training that left the finite numbers where these data may be the reason, which it says, or null.</summary>
    public static string? CureFor(DataSplits splits)
    {
        LargestColumn? largest = new[] { Of(splits.Train), splits.Train.Context is { } context ? Of(context) : null }.OfType<LargestColumn>()
            .MaxBy(column => column.Size);
        return splits.Scaling is null && largest is { Size: > Safe }
            ? FormattableString.Invariant($"{Setting.Of(nameof(DataOptions.Standardise))} ({largest.Name} goes up to {largest.Size:G3})")
            : null;
    }
}
