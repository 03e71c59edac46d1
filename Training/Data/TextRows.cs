using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>
/// Splits delimited text into rows of fields. The delimiter is what a first line such as <c>sep=;</c> says, else the first of semicolon, tab, comma and bar
/// that the first row holds outside quotes, else white space. Lines end with a line feed, a carriage return or both. Fields may be quoted; blank lines and
/// comments, which start with #, are skipped.
/// </summary>
internal sealed class TextRows(TextReader reader, string path)
{
    private const int LongestRow = 1 << 24;
    private const char Blank = ' ';

    private readonly List<int> fieldEnds = [];
    private char[] row = new char[256];
    private char[] fields = new char[256];
    private int rowLength;
    private int fieldsLength;
    private int nextLine = 1;
    private char? delimiter;
    private string? comment;

    /// <summary>Line of the current row, from 1; its first where quoted fields break it.</summary>
    public int Line { get; private set; }

    /// <summary>Fields in the current row.</summary>
    public int FieldCount => fieldEnds.Count;

    /// <summary>What parts the fields; a blank for white space. Known from the first row on.</summary>
    public char Delimiter => delimiter ?? Blank;

    /// <summary>The comment in the line right above the current row, without its #, or null where there is none.</summary>
    public string? Comment { get; private set; }

    /// <summary>Field <paramref name="index"/> from 0, without quotes and surrounding blanks; valid until the next row.</summary>
    public ReadOnlySpan<char> Field(int index)
    {
        int start = index == 0 ? 0 : fieldEnds[index - 1];
        return fields.AsSpan(start, fieldEnds[index] - start);
    }

    /// <summary>Moves to the next row that holds anything; false at the end.</summary>
    public bool Next()
    {
        while (ReadRow())
        {
            ReadOnlySpan<char> text = row.AsSpan(0, rowLength);
            (Comment, comment) = (comment, null);
            if (text.IsWhiteSpace() || (delimiter is null && Line == 1 && IsDelimiterLine(text)))
                continue;
            if (text[0] == '#' && !MissingValue.Begins(text))
            {
                comment = text[1..].Trim().ToString();
                continue;
            }
            delimiter ??= Detect(text);
            Split(text);
            return true;
        }
        return false;
    }

    private bool ReadRow()
    {
        Line = nextLine;
        rowLength = 0;
        bool quoted = false;
        char before = ',';
        int c = reader.Read();
        if (c < 0)
            return false;
        for (; c >= 0 && (quoted || c is not ('\n' or '\r')); c = reader.Read())
        {
            if (c == 0)
                throw new InputException(
                    $"{path}, line {nextLine}: found a zero byte, so this is not text. Name a text file, or give the file the extension of its kind.");
            if (c == '\n' || (c == '\r' && reader.Peek() != '\n'))
                nextLine++;
            // A quote counts only where a field can start, or as the second of a doubled pair, so that 5" is left alone.
            if (c == '"')
                quoted = !quoted && (before is ',' or ';' or '\t' or '|' or ' ' or '"' || before == delimiter);
            before = (char)c;
            if (rowLength == row.Length)
                Grow(ref row);
            row[rowLength++] = (char)c;
        }
        if (quoted)
            throw new InputException($"{path}, line {Line}: a quoted field is never closed. Close it, or remove the quote.");
        if (c == '\r' && reader.Peek() == '\n')
            _ = reader.Read();
        nextLine++;
        return true;
    }

    // Excel's own line, which says what parts the fields of the file.
    private bool IsDelimiterLine(ReadOnlySpan<char> text)
    {
        ReadOnlySpan<char> line = text.Trim(' ').Trim('"');
        if (line.Length != 5 || !line.StartsWith("sep=", StringComparison.OrdinalIgnoreCase))
            return false;
        delimiter = line[4];
        return true;
    }

    private void Grow(ref char[] buffer)
    {
        if (buffer.Length >= LongestRow)
            throw new InputException(
                $"{path}, line {Line}: the row is longer than {LongestRow} characters. Check that its lines end where they should and that its quotes are "
                    + "closed.");
        Array.Resize(ref buffer, 2 * buffer.Length);
    }

    private static char Detect(ReadOnlySpan<char> text)
    {
        const string order = " |,\t;";
        char found = Blank;
        bool quoted = false;
        foreach (char c in text)
        {
            if (c == '"')
                quoted = !quoted;
            else if (!quoted && order.IndexOf(c, StringComparison.Ordinal) > order.IndexOf(found, StringComparison.Ordinal))
                found = c;
        }
        return found;
    }

    private void Split(ReadOnlySpan<char> text)
    {
        fieldEnds.Clear();
        fieldsLength = 0;
        while (fields.Length < row.Length)
            Grow(ref fields);
        int i = 0;
        do
        {
            while (i < text.Length && text[i] != delimiter && char.IsWhiteSpace(text[i]))
                i++;
            if (delimiter == Blank)
            {
                while (i < text.Length && PartsFields(text[i]))
                    i++;
                if (i == text.Length)
                    return;
            }
            i = i < text.Length && text[i] == '"' ? CopyQuoted(text, i + 1) : CopyPlain(text, i);
            fieldEnds.Add(fieldsLength);
        }
        while (i++ < text.Length);
    }

    private int CopyPlain(ReadOnlySpan<char> text, int i)
    {
        int start = fieldsLength;
        for (; i < text.Length && !EndsField(text[i]); i++)
            fields[fieldsLength++] = text[i];
        while (fieldsLength > start && char.IsWhiteSpace(fields[fieldsLength - 1]))
            fieldsLength--;
        return i;
    }

    private int CopyQuoted(ReadOnlySpan<char> text, int i)
    {
        for (; i < text.Length && (text[i] != '"' || (i + 1 < text.Length && text[i + 1] == '"')); i++)
        {
            if (text[i] == '"')
                i++;
            fields[fieldsLength++] = text[i];
        }
        i++;
        while (i < text.Length && !EndsField(text[i]))
        {
            if (!char.IsWhiteSpace(text[i++]))
                throw new InputException(
                    $"{path}, line {Line}, column {FieldCount + 1}: found '{MessageText.Excerpt(text.Slice(i - 1, 1))}' after the closing quote. Put the "
                        + $"delimiter "
                        + "there, or double the quote inside the field.");
        }
        return i;
    }

    private bool EndsField(char c) => c == delimiter || (delimiter == Blank && PartsFields(c));

    // Blanks that do not break a line stand between the thousands of one number.
    private static bool PartsFields(char c) => char.IsWhiteSpace(c) && c is not ('\u00a0' or '\u202f');
}
