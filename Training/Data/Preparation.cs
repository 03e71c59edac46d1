using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>What is done to examples once they are read and split, in this order: levels, shape, invert, resize, scale or standardise.</summary>
internal static class Preparation
{
    public static DataSplits Apply(DataSplits splits, string name, DataOptions options)
    {
        (splits, options) = GreyTable.Apply(splits, options);
        RefuseIdleOptions(splits.Train, name, options);
        if (splits.Train.Bytes is not null)
        {
            splits = options.HoldsTruthValues == false ? splits : WidenTruthValues(splits);
            if (options.Invert)
                splits = splits.Map(set => set with { Bytes = Array.ConvertAll(set.Bytes!, level => (byte)(255 - level)) });
        }
        splits = splits.Map(set => set with { Picture = ShapeOf(set, name, options) });
        if (PictureSize.Parse(nameof(DataOptions.Resize), options.Resize) is (int Height, int Width) size && splits.Train.Picture != size)
            splits = Resize(splits, name, size);
        if (options.Scale is double scale)
            splits = splits.Map(set => set with { Values = Array.ConvertAll(set.Values!, value => (float)(value / scale)) });
        bool isTable = splits.Train is { Values: not null, Columns: not null, Picture: null };
        if (options.Standardise ?? (options.StandardisesTables && isTable && options.Scale is null))
        {
            ColumnScaling scaling = ColumnScaling.Measure(splits.Train);
            splits = splits.Map(scaling.Apply) with { Scaling = scaling };
        }
        return splits.Map(CheckFinite);
    }

    // Readers let only finite numbers through, but dividing them can overflow.
    private static DataSet CheckFinite(DataSet set)
    {
        int overflow = set.Values is null ? -1 : Array.FindIndex(set.Values, value => !float.IsFinite(value));
        return overflow < 0
            ? set
            : throw new InputException(
                $"{set.Name}: number {(overflow % set.Width) + 1} of an example is too large for a float once it is scaled. Leave the column out with "
                    + $"{Setting.Of(nameof(DataOptions.Columns))}, or scale it otherwise.");
    }

    private static void RefuseIdleOptions(DataSet train, string name, DataOptions options)
    {
        if (train.Bytes is null && (options.Invert || options.Resize is not null))
            throw new InputException(
                $"{name} holds real numbers; {Setting.Of(nameof(DataOptions.Invert))} and {Setting.Of(nameof(DataOptions.Resize))} are for grey levels. "
                    + $"Drop them.");
        if (train.Bytes is not null && (options.Scale is not null || options.Standardise == true))
            throw new InputException(
                $"{name} holds grey levels, which are divided by 255 already. Drop {Setting.Of(nameof(DataOptions.Scale))} and "
                    + $"{Setting.Of(nameof(DataOptions.Standardise))}.");
    }

    // Level 1 of 255 is as good as black, so bytes of 0 and 1 alone are truth values.
    private static DataSplits WidenTruthValues(DataSplits splits)
    {
        return new[] { splits.Train, splits.Valid, splits.Test }.Any(set => set is not null && set.Bytes.AsSpan().ContainsAnyExceptInRange((byte)0, (byte)1))
            ? splits
            : splits.Map(set => set with { Bytes = Array.ConvertAll(set.Bytes!, level => level == 0 ? byte.MinValue : byte.MaxValue) });
    }

    // Levels without a shape are taken for square pictures where their number is a square: the sets in this form are.
    private static (int Height, int Width)? ShapeOf(DataSet set, string name, DataOptions options)
    {
        if (PictureSize.Parse(nameof(DataOptions.Picture), options.Picture) is (int height, int width))
        {
            return height * width == set.Width
                ? (height, width)
                : throw new InputException(
                    $"{Setting.Of(nameof(DataOptions.Picture))} {options.Picture} has {height * width} pixels, but an example of {name} has {set.Width} "
                        + $"numbers. Give a height and width "
                        + $"that multiply to {set.Width}.");
        }
        int side = (int)Math.Sqrt(set.Width);
        return set.Picture ?? (set.Bytes is not null && side * side == set.Width ? (side, side) : null);
    }

    private static DataSplits Resize(DataSplits splits, string name, (int Height, int Width) size) => splits.Map(set =>
    {
        if (set.Picture is not (int Height, int Width) from)
            throw new InputException(
                $"{name} does not say how its {set.Width} numbers make a picture, so {Setting.Of(nameof(DataOptions.Resize))} cannot work on it. Give its "
                    + $"height and width with {Setting.Of(nameof(DataOptions.Picture))}.");
        int width = size.Height * size.Width;
        HostBudget.Check(name, (UInt128)set.Count * (UInt128)width, 1);
        byte[] resized = new byte[set.Count * width];
        for (int i = 0; i < set.Count; i++)
            AreaResize.Apply(set.Bytes.AsSpan(i * set.Width, set.Width), from, resized.AsSpan(i * width, width), size);
        return set with { Bytes = resized, Width = width, Picture = size };
    });
}
