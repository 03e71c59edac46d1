using System.Globalization;

namespace IlgpuVae.Training.Data;

/// <summary>Numbers class labels that were read as words, alike in every split of a source.</summary>
internal static class ClassLabels
{
    /// <summary>Whole numbers stay what they are; any other words are numbered by their order over all <paramref name="splits"/>.</summary>
    public static (int[][] Labels, string[]? Names) FromWords(string[][] splits)
    {
        return splits.All(split => split.All(word => TryNumber(word, out _)))
            ? (Array.ConvertAll(splits, split => Array.ConvertAll(split, word => TryNumber(word, out int label) ? label : 0)), null)
            : FromNames(splits);
    }

    /// <summary>Numbers the names by their order over all <paramref name="splits"/>: numbers by size, and behind them words in ordinal order.</summary>
    public static (int[][] Labels, string[] Names) FromNames(string[][] splits)
    {
        string[] names = [.. splits.SelectMany(split => split).Distinct().OrderBy(Size).ThenBy(name => name, StringComparer.Ordinal)];
        Dictionary<string, int> numbers = names.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        return (Array.ConvertAll(splits, split => Array.ConvertAll(split, name => numbers[name])), names);
    }

    private static double Size(string name) =>
        double.TryParse(name, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
            ? number
            : double.PositiveInfinity;

    private static bool TryNumber(string word, out int label) =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out label);
}
