using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>Cuts the splits that a source does not bring out of its train split.</summary>
internal static class Splitting
{
    private const double DefaultFraction = 0.1;

    /// <summary>
    /// A source without any split is cut by a seeded permutation. One that brings its own test keeps its train split whole unless a
    /// validation fraction is asked for, which comes from the end of train where <paramref name="validFromEnd"/>.
    /// </summary>
    public static DataSplits Complete(DataSplits source, string name, bool validFromEnd, DataOptions options)
    {
        if (source.Valid is not null && options.ValidFraction is not null)
            throw new InputException(
                $"{name} brings its own valid split of {source.Valid.Count} examples. Drop {Setting.Of(nameof(DataOptions.ValidFraction))}.");
        if (source.Test is not null && options.TestFraction is not null)
            throw new InputException($"{name} brings its own test split of {source.Test.Count} examples. Drop {Setting.Of(nameof(DataOptions.TestFraction))}.");
        int count = source.Train.Count;
        int test = source.Test is null ? Share(options.TestFraction ?? DefaultFraction, count) : 0;
        int valid = source.Valid is null ? Share(options.ValidFraction ?? (source.Test is null ? DefaultFraction : 0), count) : 0;
        if (test + valid >= count)
            throw new InputException(
                $"{name} has {count} examples, too few for {valid} to validate and {test} to test on. Lower {Setting.Of(nameof(DataOptions.ValidFraction))} "
                    + $"and {Setting.Of(nameof(DataOptions.TestFraction))}.");

        if (test + valid > 0)
        {
            int[] order = validFromEnd && test == 0
                ? [.. Enumerable.Range(0, count)]
                : new CounterRandom((ulong)options.SplitSeed, 0).Permutation(count);
            DataSet all = source.Train;
            source = source with
            {
                Train = all.Take(order.AsSpan(0, count - valid - test), ""),
                Valid = valid > 0 ? all.Take(order.AsSpan(count - valid - test, valid), "") : source.Valid,
                Test = test > 0 ? all.Take(order.AsSpan(count - test), "") : source.Test,
            };
        }
        return source with
        {
            Train = source.Train with { Name = $"{name} train" },
            Valid = source.Valid is null ? null : source.Valid with { Name = $"{name} valid" },
            Test = source.Test is null ? null : source.Test with { Name = $"{name} test" },
        };
    }

    // A share of a small set is at least one example, unless that would leave nothing to train on.
    private static int Share(double fraction, int count)
    {
        int share = (int)Math.Round(fraction * count, MidpointRounding.AwayFromZero);
        return share == 0 && fraction > 0 && count >= 3 ? 1 : share;
    }
}
