namespace IlgpuVae.Training.Data;

/// <summary>The splits of one data source. All have the same width, picture shape and kind of numbers.</summary>
public sealed record DataSplits
{
    /// <summary>Examples to train on.</summary>
    public required DataSet Train { get; init; }

    /// <summary>Examples to choose between runs, or null where the source has its own test split and no fraction was asked for.</summary>
    public DataSet? Valid { get; init; }

    /// <summary>Examples to report on, or null where the source is too small or a fraction of 0 was asked for.</summary>
    public DataSet? Test { get; init; }

    /// <summary>The distribution that generated the examples, or null where it is unknown (everything but glyphs).</summary>
    public GlyphsTruth? Truth { get; init; }

    /// <summary>How the columns were standardised, or null where they were not.</summary>
    internal ColumnScaling? Scaling { get; init; }

    /// <summary>Applies <paramref name="change"/> to every split that is there.</summary>
    internal DataSplits Map(Func<DataSet, DataSet> change)
    {
        return this with
        {
            Train = change(Train),
            Valid = Valid is null ? null : change(Valid),
            Test = Test is null ? null : change(Test),
        };
    }
}
