using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>
/// What a conditional model p(x | c) is told, as <c>--condition</c> spells it. <c>label</c>: c is the class, one-hot. <c>top-half</c>: c is the upper half of a
/// picture and x the lower, the field's structured prediction; of an odd number of rows the lower half has the middle one. <c>columns:a,b</c>: c is these
/// columns and x the others.
/// </summary>
internal static class Condition
{
    internal const string TopHalf = "top-half";
    internal const string Label = "label";
    internal const string Columns = "columns:";
    private const int MostClasses = 1 << 16;

    /// <summary>The splits with x and the <see cref="DataSet.Context"/> parted; as they are where <paramref name="condition"/> is null.</summary>
    public static DataSplits Apply(DataSplits splits, string? condition) => condition switch
    {
        null => splits,
        Label => OneHot(splits),
        TopHalf => splits.Map(Halves),
        _ when condition.StartsWith(Columns, StringComparison.Ordinal) => Part(splits, condition[Columns.Length..]),
        _ => throw new InputException(
            $"{Setting.Of(nameof(TrainingOptions.Condition))} {MessageText.Excerpt(condition)} is not "
                + $"known.{SpellingSuggestion.For(condition.Split(':')[0], [Label, TopHalf, "columns"])} Use {Label}, "
                + $"{TopHalf} or columns: and a list, such as columns:1-3."),
    };

    // A class is its number, whichever classes a split has: one-hot rows of different splits, or of the data of a later evaluation, mean the same.
    private static DataSplits OneHot(DataSplits splits)
    {
        DataSet[] all = [.. new[] { splits.Train, splits.Valid, splits.Test }.OfType<DataSet>()];
        if (all.FirstOrDefault(set => set.Labels is null) is { } bare)
            throw new InputException(
                $"{bare.Name} has no labels for {Setting.Of(nameof(TrainingOptions.Condition), "label")} to tell. Name a table's column of classes with "
                    + $"{Setting.Of(nameof(DataOptions.LabelColumn))}, or use another condition.");
        int classes = all.Max(set => Math.Max(set.Labels!.Max() + 1, set.LabelNames?.Count ?? 0));
        if (classes > MostClasses)
            throw new InputException(
                $"{splits.Train.Name} has labels up to {classes - 1}, and {Setting.Of(nameof(TrainingOptions.Condition), "label")} takes {MostClasses} "
                    + $"classes at most. Number the classes from 0.");
        return splits.Map(set => set with { Context = OneHot(set.Name, set.Labels!, classes) });
    }

    /// <summary>Labels as rows of <paramref name="classes"/> numbers, of which one is 1.</summary>
    internal static DataSet OneHot(string name, int[] labels, int classes)
    {
        HostBudget.Check($"{name}, with its labels one-hot,", (UInt128)labels.Length * (UInt128)classes, 1);
        byte[] bytes = new byte[labels.Length * classes];
        for (int i = 0; i < labels.Length; i++)
            bytes[(i * classes) + labels[i]] = byte.MaxValue;
        return new DataSet { Name = $"{name} labels", Count = labels.Length, Width = classes, Bytes = bytes };
    }

    /// <summary>The places, within an example, of the columns that a condition tells, in its order; none where it tells something else.</summary>
    internal static int[] ColumnsTold(DataSet set, string? condition) =>
        condition?.StartsWith(Columns, StringComparison.Ordinal) == true ? Places(set, condition[Columns.Length..]).Told : [];

    /// <summary>A set of pictures as their lower halves, told the upper ones.</summary>
    internal static DataSet Halves(DataSet set)
    {
        if (set.Picture is not (int height, int width))
            throw new InputException(
                $"{set.Name} holds no pictures, so it has no upper half for {Setting.Of(nameof(TrainingOptions.Condition), "top-half")}. Give the pictures' "
                    + $"height and width with {Setting.Of(nameof(DataOptions.Picture))}, or "
                    + "use another condition.");
        if (height < 2)
            throw new InputException(
                $"{set.Name} has pictures of one row, which have no upper half for {Setting.Of(nameof(TrainingOptions.Condition), "top-half")}. Use another "
                    + $"condition, such as columns:1.");
        int upper = height / 2 * width;
        int[] pixels = [.. Enumerable.Range(0, set.Width)];
        return set.Narrow(pixels.AsSpan(upper)) with
        {
            Picture = (height - (height / 2), width),
            FirstElement = upper,
            Context = set.Narrow(pixels.AsSpan(0, upper)) with
            {
                Name = $"{set.Name} upper halves",
                Picture = (height / 2, width),
                Labels = null,
                LabelNames = null,
            },
        };
    }

    private static DataSplits Part(DataSplits splits, string columns)
    {
        (_, int[] modelled) = Places(splits.Train, columns);
        return splits.Map(set => Part(set, columns)) with { Truth = null, Scaling = splits.Scaling?.Narrow(modelled) };
    }

    /// <summary>A set parted into the columns that are told and the others.</summary>
    internal static DataSet Part(DataSet set, string columns)
    {
        (int[] told, int[] modelled) = Places(set, columns);
        DataSet context = set.Narrow(told);

        // As numbers, grey levels are told as they are whatever is done to the pixels of x.
        context = context with { Bytes = null, Values = context.Numbers() };
        return set.Narrow(modelled) with { Context = context with { Name = $"{set.Name} columns {columns}", Labels = null, LabelNames = null } };
    }

    /// <summary>Places, within an example, of the columns told and of the others.</summary>
    private static (int[] Told, int[] Modelled) Places(DataSet set, string columns)
    {
        TableColumns table = set.Columns ?? new TableColumns(set.Width, null, [.. Enumerable.Range(0, set.Width)]);
        int[] named = ColumnSelection.Named(set.Name, columns, nameof(TrainingOptions.Condition), table.Count, table.Names);
        int[] told = Array.ConvertAll(named, column => Array.IndexOf(table.Kept, column));
        int missing = Array.IndexOf(told, -1);
        if (missing >= 0)
            throw new InputException(
                $"{Setting.Of(nameof(TrainingOptions.Condition))} columns:{columns}: column {named[missing] + 1} is the label's or one that "
                    + $"{Setting.Of(nameof(DataOptions.Columns))} leaves out. Name columns that are read as "
                    + "numbers.");
        int[] modelled = [.. Enumerable.Range(0, set.Width).Except(told)];
        return modelled.Length > 0
            ? (told, modelled)
            : throw new InputException(
                $"{Setting.Of(nameof(TrainingOptions.Condition))} columns:{columns} leaves {set.Name} no column to model. Leave at least one out of the list.");
    }
}
