using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;

namespace IlgpuVae.Training;

/// <summary>The likelihood that a run's options name, and whether it can be meant for the run's data.</summary>
internal static class LikelihoodFactory
{
    /// <summary>Their names on the command line.</summary>
    internal static readonly string[] Names = ["bernoulli", "categorical", "gaussian", "poisson", "negative-binomial"];

    /// <summary>The likelihood of <paramref name="options"/>, for data that times <paramref name="levelScale"/> are levels.</summary>
    /// <exception cref="InputException">It is not known, or a setting is out of range or for another one.</exception>
    internal static Likelihood Make(TrainingOptions options, float levelScale)
    {
        RefuseIdle(nameof(options.Noise), "is the standard deviation of the Gaussian likelihood", options.Noise is not null, options, "gaussian");
        RefuseIdle(nameof(options.Levels), "is for the categorical likelihood", options.Levels != new TrainingOptions().Levels, options, "categorical");
        RefuseIdle(nameof(options.TotalCount), "is for the negative-binomial likelihood", options.TotalCount is not null, options, "negative-binomial");
        switch (options.Likelihood)
        {
            case "bernoulli":
                return new Bernoulli();
            case "gaussian":
                if (options.Noise is { } noise && !((float)noise > 0 && float.IsFinite((float)noise)))
                    throw new InputException(
                        $"{Setting.Of(nameof(options.Noise), noise)} is no standard deviation. Use a number above 0, or leave it out to learn it.");
                return new Gaussian((float?)options.Noise);
            case "categorical":
                return new Categorical(options.Levels, levelScale);
            case "poisson":
                return new Poisson();
            case "negative-binomial":
                double totalCount = options.TotalCount ?? NegativeBinomial.DefaultTotalCount;
                if (!NegativeBinomial.IsTotalCount(totalCount))
                {
                    throw new InputException(
                        $"{Setting.Of(nameof(options.TotalCount), totalCount)} is out of range. The negative-binomial likelihood takes "
                        + $"{NegativeBinomial.SmallestTotalCount} to {NegativeBinomial.LargestTotalCount:N0}.");
                }

                return new NegativeBinomial((float)totalCount);
            default:
                string near = SpellingSuggestion.For(options.Likelihood, Names);
                throw new InputException(
                    $"{Setting.Of(nameof(options.Likelihood))} {MessageText.Excerpt(options.Likelihood)} is not known.{near} Use one of: "
                        + $"{string.Join(", ", Names)}.");
        }
    }

    /// <summary>Refuses data that the likelihood cannot be meant for.</summary>
    /// <exception cref="InputException">They cannot.</exception>
    internal static void Check(Likelihood likelihood, DataSplits splits, DataOptions reading)
    {
        if (likelihood.IsOfCounts && reading.Standardise == true)
            throw new InputException(
                $"{Setting.Of(nameof(DataOptions.Standardise))} makes numbers around 0 of counts, which the {likelihood.Name} likelihood is not for. Drop it.");
        foreach (DataSet? split in new[] { splits.Train, splits.Valid, splits.Test })
        {
            if (split is null || split.Count == 0)
                continue;
            if (likelihood.Refuses(split.Minimum, split.Maximum, IsWhole(split)) is { } refusal)
                throw new InputException($"{split.Name}: {refusal}{(likelihood.IsOfCounts ? NoCount(split, reading) : string.Empty)}");
        }

        LargestColumn.Check(splits, canStandardise: likelihood is Gaussian);
    }

    /// <summary>
    /// What data are multiplied by to give levels of the categorical likelihood. Bytes are given as parts of 255: where all are below the number of levels they
    /// are the levels' own numbers, else grey levels.
    /// </summary>
    internal static float LevelScale(TrainingOptions options, DataSet train)
    {
        int levels = options.Levels;
        if (train.Bytes is null || options.Likelihood != "categorical")
            return 1f;
        int largest = train.Bytes.Max();
        if (largest < levels)
            return byte.MaxValue;
        return largest * (levels - 1) * 2 >= byte.MaxValue
            ? levels - 1
            : throw new InputException(
                $"{train.Name} has bytes up to {largest}: too many for {Setting.Of(nameof(TrainingOptions.Levels), levels)} if they are levels, and all of "
                    + $"them level 0 if they are grey. Use {Setting.Of(nameof(TrainingOptions.Levels), largest + 1)}.");
    }

    private static bool IsWhole(DataSet split) => split.Bytes is null
        ? Array.TrueForAll(split.Values!, value => value == MathF.Floor(value))
        : !split.Bytes.AsSpan().ContainsAnyExcept((byte)0, (byte)255);

    // Where the first number is that is no count, and what to do about it.
    private static string NoCount(DataSet split, DataOptions reading)
    {
        if (split.Bytes is not null)
            return $" Bytes are read as grey levels from 0 to 1: save counts as 32-bit integers, or use "
                + $"{Setting.Of(nameof(TrainingOptions.Likelihood), "bernoulli")}.";
        int first = Array.FindIndex(split.Values!, value => !(value >= 0 && value == MathF.Floor(value)));
        (int place, float wrong) = (first % split.Width, split.Values![first]);
        if (reading.Scale is double scale)
            return FormattableString.Invariant($" {Setting.Of(nameof(DataOptions.Scale), scale)} leaves {wrong} among them: drop it.");
        string gaussian = Setting.Of(nameof(TrainingOptions.Likelihood), "gaussian");
        if (split.Columns is not { } columns)
            return FormattableString.Invariant($" Number {place + 1} of an example is {wrong}: drop such examples, or use {gaussian}.");
        int column = columns.Kept[place];
        string name = columns.Names is { } names ? $"'{MessageText.Excerpt(names[column])}'" : FormattableString.Invariant($"{column + 1}");
        return FormattableString.Invariant($" Column {name} has {wrong}: leave it out with {Setting.Of(nameof(DataOptions.Columns))}, or use {gaussian}.");
    }

    private static void RefuseIdle(string setting, string meaning, bool given, TrainingOptions options, string likelihood)
    {
        if (given && options.Likelihood != likelihood)
        {
            throw new InputException(
                $"{Setting.Of(setting)} {meaning}, and the likelihood is {MessageText.Excerpt(options.Likelihood)}. Drop {Setting.Of(setting)}, or use "
                + $"{Setting.Of(nameof(options.Likelihood), likelihood)}.");
        }
    }
}
