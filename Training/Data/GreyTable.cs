namespace IlgpuVae.Training.Data;

/// <summary>Pictures that a source keeps as whole numbers from 0 to 255 and not as bytes, such as the digits of a table with a column for each pixel.</summary>
internal static class GreyTable
{
    private const double White = 255;

    /// <summary>
    /// The splits with their numbers as grey levels, and the options without the scale that is then done, where a scale of 255 says that they are levels; as
    /// they are where they cannot be.
    /// </summary>
    public static (DataSplits Splits, DataOptions Options) Apply(DataSplits splits, DataOptions options)
    {
        DataSet[] all = [.. new[] { splits.Train, splits.Valid, splits.Test }.OfType<DataSet>()];
        return options.Scale == White && CanBe(all)
            ? (splits.Map(set => set with { Bytes = Array.ConvertAll(set.Values!, value => (byte)value), Values = null }), options with { Scale = null })
            : (splits, options);
    }

    /// <summary>Whether numbers can be grey levels. Zeros and ones alone are no levels of 255.</summary>
    public static bool CanBe(params ReadOnlySpan<DataSet> sets)
    {
        bool any = false;
        foreach (DataSet set in sets)
        {
            if (set.Values is not { } values || !Array.TrueForAll(values, IsLevel))
                return false;
            any |= Array.Exists(values, value => value > 1);
        }
        return any;
    }

    private static bool IsLevel(float value) => value is >= 0 and <= 255 && value == MathF.Floor(value);
}
