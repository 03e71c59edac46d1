using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>
/// How a source is read. A setting that does not apply to the source is refused rather than ignored.
/// </summary>
public sealed record DataOptions
{
    /// <summary>Name of the array to train on in a bundle of several (.npz). Null takes the only one.</summary>
    public string? Array { get; init; }

    /// <summary>Columns of a table to keep, counted from 1 or by header name: <c>1-7,9</c> or <c>length,height</c>. Null keeps all but the label.</summary>
    public string? Columns { get; init; }

    /// <summary>Column of a table that holds the class: a number from 1, a header name, or <c>last</c>. Null means no labels.</summary>
    public string? LabelColumn { get; init; }

    /// <summary>
    /// Whether each real-valued column is shifted and scaled to mean 0 and standard deviation 1, both measured on the train split. Null leaves that to the run:
    /// tables that are no pictures are under the Gaussian likelihood with learned noise.
    /// </summary>
    public bool? Standardise { get; init; }

    /// <summary>Whether the run standardises tables where nothing is said.</summary>
    internal bool StandardisesTables { get; init; }

    /// <summary>Divide real values by this number, such as 16 for 16-level pictures. Null leaves them as they are.</summary>
    public double? Scale { get; init; }

    /// <summary>Height and width of the pictures that each row of a source without shapes holds: <c>8</c> or <c>8x8</c>.</summary>
    public string? Picture { get; init; }

    /// <summary>Resize grey pictures to <c>28</c> or <c>28x20</c> (height x width), averaging over area; proportions are not kept.</summary>
    public string? Resize { get; init; }

    /// <summary>Turn grey levels round (255 - level), for sources where ink is 0.</summary>
    public bool Invert { get; init; }

    /// <summary>Share of the examples to validate on. Null means 0.1 where the source brings no splits, and none where it brings its own test.</summary>
    public double? ValidFraction { get; init; }

    /// <summary>Share of the examples to test on. Null means 0.1 where the source brings no test split.</summary>
    public double? TestFraction { get; init; }

    /// <summary>Seed of the permutation that splits a source without splits. The permutation depends on this and the number of examples only.</summary>
    public int SplitSeed { get; init; }

    /// <summary>Whether bytes of 0 and 1 are truth values; null where the data themselves have to say.</summary>
    internal bool? HoldsTruthValues { get; init; }

    internal void Check()
    {
        CheckFraction(nameof(ValidFraction), ValidFraction);
        CheckFraction(nameof(TestFraction), TestFraction);
        if ((ValidFraction ?? 0) + (TestFraction ?? 0) >= 1)
            throw new InputException(
                $"{Setting.Of(nameof(ValidFraction), ValidFraction)} and {Setting.Of(nameof(TestFraction), TestFraction)} leave nothing to train on. Their "
                    + $"sum must be below 1.");
        if (Scale is double scale && !(double.IsFinite(scale) && scale > 0))
            throw new InputException(
                $"{Setting.Of(nameof(Scale), scale)} is not a positive number. Give the number that the values are divided by, such as 16.");
        if (Scale is not null && Standardise == true)
            throw new InputException($"{Setting.Of(nameof(Scale))} and {Setting.Of(nameof(Standardise))} both set the scale of the values. Drop one of them.");
        _ = PictureSize.Parse(nameof(Resize), Resize);
        _ = PictureSize.Parse(nameof(Picture), Picture);
    }

    private static void CheckFraction(string setting, double? fraction)
    {
        if (fraction is double f && !(f >= 0 && f < 1))
            throw new InputException($"{Setting.Of(setting, f)} is not a share of the examples. Give a number from 0 up to, but not including, 1.");
    }
}
