using System.Globalization;

namespace IlgpuVae.Training.Data;

/// <summary>
/// Numbers as tables write them: with a point before the decimals, and perhaps with marks between groups of three digits, as 1,234 or 1 234 or 1'234. A comma
/// is such a mark only where it cannot stand before decimals. Truth values are 1 and 0.
/// </summary>
internal static class TableNumber
{
    // A blank, those of two widths that do not break a line, and two forms of apostrophe.
    private const string SureMarks = " \u00a0\u202f'\u2019";

    /// <summary>The number that a field of a table with this delimiter holds, where there can be no doubt about it. Infinity is one.</summary>
    public static bool TryRead(ReadOnlySpan<char> field, char delimiter, out double number)
    {
        if (double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out number))
            return !double.IsNaN(number);
        if (bool.TryParse(field, out bool truth))
        {
            number = truth ? 1 : 0;
            return true;
        }
        return Mark(field) is char mark && IsSure(field, mark, delimiter) && TryGroups(field, mark, out number);
    }

    /// <summary>What a field that is no number may mean and how to write that, or null where it looks like a word.</summary>
    public static string? Advice(ReadOnlySpan<char> field, char delimiter)
    {
        if (Mark(field) is char mark && !IsSure(field, mark, delimiter) && TryGroups(field, mark, out double groups))
        {
            return mark == ','
                ? FormattableString.Invariant($"It may mean {groups} or {field.ToString().Replace(',', '.')}: write which it is, with a point before decimals")
                : FormattableString.Invariant($"It may mean {groups}, or numbers with decimal commas: write it without blanks, with a point before decimals");
        }
        if (field.Contains(',') && field.ContainsAnyInRange('0', '9') && !field.ContainsAnyExcept("0123456789,.+-eE " + SureMarks))
            return "Write decimals with a point, and thousands without a mark";
        return field.Length > 1 && field[^1] == '%' && double.TryParse(field[..^1], NumberStyles.Float, CultureInfo.InvariantCulture, out _)
            ? "Write it without the percent sign"
            : null;
    }

    // A decimal comma has no second one behind it, and no point. A field that holds the table's own comma was put in quotes as a whole, as thousands are. A
    // blank in a table that commas part may as well part two numbers with decimal commas.
    private static bool IsSure(ReadOnlySpan<char> field, char mark, char delimiter) => mark switch
    {
        ',' => delimiter == ',' || field.Count(',') > 1 || field.Contains('.'),
        ' ' => delimiter != ',',
        _ => true,
    };

    private static char? Mark(ReadOnlySpan<char> field)
    {
        int at = field.IndexOfAny("," + SureMarks);
        return at < 0 ? null : field[at];
    }

    private static bool TryGroups(ReadOnlySpan<char> field, char mark, out double number)
    {
        number = 0;
        ReadOnlySpan<char> digits = field.TrimStart("+-");
        int point = digits.IndexOf('.');
        ReadOnlySpan<char> whole = point < 0 ? digits : digits[..point];
        int first = whole.IndexOf(mark);
        if (field.Length - digits.Length > 1 || first is < 1 or > 3 || whole[0] == '0')
            return false;
        for (int i = 0; i < whole.Length; i++)
        {
            bool isMark = i >= first && (i - first) % 4 == 0;
            if (isMark ? whole[i] != mark : !char.IsAsciiDigit(whole[i]))
                return false;
        }
        return (whole.Length - first) % 4 == 0
            && double.TryParse(field.ToString().Replace($"{mark}", "", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture, out number);
    }
}
