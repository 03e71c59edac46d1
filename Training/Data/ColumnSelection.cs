using System.Globalization;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>Resolves the settings that name columns against the columns of one table.</summary>
internal static class ColumnSelection
{
    private const int MostShown = 12;

    /// <summary>Indices from 0 of the columns to keep, in the order asked for.</summary>
    public static int[] Data(string path, string? columns, int? label, int count, string[]? names)
    {
        if (columns is null)
        {
            int[] all = [.. Enumerable.Range(0, count).Where(column => column != label)];
            return all.Length > 0 ? all : throw new InputException($"{path} has no column but the label. Drop {Setting.Of(nameof(DataOptions.LabelColumn))}.");
        }
        return Named(path, columns, nameof(DataOptions.Columns), count, names);
    }

    /// <summary>Indices from 0 of the columns that a list such as <c>1-7,9</c> or <c>length,height</c> names, in its order.</summary>
    public static int[] Named(string path, string columns, string setting, int count, string[]? names)
    {
        List<int> chosen = [];
        foreach (string item in columns.Split(',', StringSplitOptions.TrimEntries))
        {
            string[] ends = item.Split('-');
            if (names is null || !names.Contains(item))
            {
                if (ends.Length == 2 && IsNumber(ends[0], out int first) && IsNumber(ends[1], out int last))
                {
                    if (first > last)
                        throw new InputException($"{Setting.Of(setting)} {columns}: the range {item} runs backwards. Write the smaller column first.");
                    // Both ends are checked before the range is walked: it may claim a billion columns.
                    first = At(path, $"{first}", setting, count, names);
                    last = At(path, $"{last}", setting, count, names);
                    chosen.AddRange(Enumerable.Range(first, last - first + 1));
                    continue;
                }
            }
            chosen.Add(At(path, item, setting, count, names));
        }
        HashSet<int> seen = [];
        foreach (int column in chosen)
        {
            if (!seen.Add(column))
                throw new InputException($"{Setting.Of(setting)} {columns}: column {column + 1} is named twice. Name each column once.");
        }
        return [.. chosen];
    }

    /// <summary>Index from 0 of the label's column, or null where none is asked for.</summary>
    public static int? Label(string path, string? column, int count, string[]? names)
    {
        if (column is null)
            return null;
        return column == "last" ? count - 1 : At(path, column, nameof(DataOptions.LabelColumn), count, names);
    }

    private static int At(string path, string item, string setting, int count, string[]? names)
    {
        int[] named = names is null ? [] : [.. Enumerable.Range(0, count).Where(column => names[column] == item)];
        if (named.Length == 1)
            return named[0];
        if (named.Length > 1)
            throw new InputException($"{path} has {named.Length} columns named '{item}'. Give {Setting.Of(setting)} their numbers instead.");
        if (IsNumber(item, out int number))
        {
            return number >= 1 && number <= count
                ? number - 1
                : throw new InputException($"{path} has columns 1 to {count}, so {Setting.Of(setting)} cannot name {number}. Columns count from 1.");
        }
        throw new InputException(names is null
            ? $"{path} has no header line, so {Setting.Of(setting)} cannot name '{item}'. Give column numbers from 1 to {count}, such as 1-{count}."
            : $"{path} has no column '{item}' for {Setting.Of(setting)}.{SpellingSuggestion.For(item, names)} Its columns are {Listed(names)}.");
    }

    private static string Listed(string[] names) =>
        MessageText.List([.. names.Select(name => MessageText.Excerpt(name))], MostShown);

    private static bool IsNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
