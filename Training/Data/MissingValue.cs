namespace IlgpuVae.Training.Data;

/// <summary>What stands in a table for a value that is not there.</summary>
internal static class MissingValue
{
    // As a spreadsheet writes a formula that has no value.
    private static readonly string[] Errors =
    [
        "#N/A", "#NA", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#UNKNOWN!",
        "#BUSY!", "#ERROR!", "#GETTING_DATA",
    ];

    private static readonly string[] Words = ["?", "-", "nan", "-nan", "na", "n/a", "<na>", "null", "1.#QNAN", "-1.#QNAN", "1.#IND", "-1.#IND"];

    /// <summary>Whether a field holds nothing but such a sign.</summary>
    public static bool Is(ReadOnlySpan<char> field)
    {
        if (field.IsEmpty)
            return true;
        foreach (string word in field[0] == '#' ? Errors : Words)
        {
            if (field.Equals(word, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    /// <summary>Whether a line that begins with # is no comment, but a row whose first value is the error of a formula.</summary>
    public static bool Begins(ReadOnlySpan<char> line)
    {
        foreach (string error in Errors)
        {
            if (line.StartsWith(error, StringComparison.OrdinalIgnoreCase) && (line.Length == error.Length || !char.IsAsciiLetterOrDigit(line[error.Length])))
                return true;
        }
        return false;
    }
}
