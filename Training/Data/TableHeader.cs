using System.Globalization;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>Tells the header of a table as text from its first example.</summary>
internal static class TableHeader
{
    // So many columns that no example counts from 0 up to their number by chance.
    private const int CertainCount = 10;

    /// <summary>
    /// A first row of words alone. A row with even one number is data, so that a column of words, which is an error the user must
    /// decide on, is never mistaken for a header and dropped.
    /// </summary>
    public static bool IsOfWords(string[] first, char delimiter) =>
        !first.Any(field => TableNumber.TryRead(field, delimiter, out _)) && first.Any(field => !MissingValue.Is(field));

    /// <summary>
    /// A first row that counts 0, 1, 2 and on, as a data frame of pandas writes the names of its columns; in front of them may be nothing, above the names of
    /// the rows.
    /// </summary>
    public static bool Counts(string[] first)
    {
        int from = IsAboveRowNames(first) ? 1 : 0;
        return first.Length > 1 && first.Skip(from).Index().All(field => field.Item == field.Index.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Checks that a row that <see cref="Counts"/> is a header, in the light of the <paramref name="second"/>.</summary>
    /// <exception cref="InputException">It may as well be an example.</exception>
    public static void CheckCounts(string path, int line, string[] first, string[] second)
    {
        // Whoever writes all numbers of an example with decimals writes 0 as 0.0; and below a number in a header may stand words.
        bool isSure = IsAboveRowNames(first) || first.Length >= CertainCount
            || (second.Length > 0 && second.All(IsWithDecimals)) || second.Any(field => !MissingValue.Is(field) && !TableNumber.TryRead(field, ' ', out _));
        if (!isSure)
            throw new InputException(
                $"{path}, line {line}: {MessageText.Excerpt(string.Join(' ', first))} is an example, or the names of columns that are counted from 0. If it "
                    + $"is an "
                    + "example, write 0.0 for its 0; if not, write names with letters, or remove the line.");
    }

    /// <summary>The names in a comment right above the first row, as numpy.savetxt writes them, or null where it says something else.</summary>
    public static string[]? OfComment(string? comment, char delimiter, int width)
    {
        if (comment is null)
            return null;
        string[] names = delimiter == ' '
            ? comment.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            : comment.Split(delimiter, StringSplitOptions.TrimEntries);
        names = Array.ConvertAll(names, name => name.Length > 1 && name[0] == '"' && name[^1] == '"' ? name[1..^1] : name);
        return names.Length == width && !names.Any(string.IsNullOrEmpty) && IsOfWords(names, delimiter) ? names : null;
    }

    private static bool IsAboveRowNames(string[] first) => first[0].Length == 0;

    private static bool IsWithDecimals(string field) =>
        field.AsSpan().ContainsAny('.', 'e', 'E') && double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
}
