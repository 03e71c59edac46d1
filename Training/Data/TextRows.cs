using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>
/// Splits delimited text into rows of fields. The delimiter is the first of semicolon, tab and comma that the first row holds outside quotes,
/// else white space. Fields may be quoted; blank lines and lines that start with # are skipped.
/// </summary>
internal sealed class TextRows(TextReader reader, string path)
{
    private const int LongestRow = 1 << 24;

    private readonly List<int> fieldEnds = [];
    private char[] row = new char[256];
    private char[] fields = new char[256];
    private int rowLength;
    private int fieldsLength;
    private int nextLine = 1;
    private char? delimiter;

    /// <summary>Line of the current row, from 1; its first where quoted fields break it.</summary>
    public int Line { get; private set; }

    /// <summary>Fields in the current row.</summary>
    public int FieldCount => fieldEnds.Count;

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
            if (text.IsWhiteSpace() || text[0] == '#')
                continue;
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
        for (; c >= 0 && (quoted || c != '\n'); c = reader.Read())
        {
            if (c == 0)
                throw new InputException(
                    $"{path}, line {nextLine}: found a zero byte, so this is not text. Name a text file, or give the file the extension of its kind.");
            if (c == '\n')
                nextLine++;
            // A quote counts only where a field can start, or as the second of a doubled pair, so that 5" is left alone.
            if (c == '"')
                quoted = !quoted && before is ',' or ';' or '\t' or ' ' or '"';
            before = (char)c;
            if (rowLength == row.Length)
                Grow(ref row);
            row[rowLength++] = (char)c;
        }
        if (quoted)
            throw new InputException($"{path}, line {Line}: a quoted field is never closed. Close it, or remove the quote.");
        nextLine++;
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
        char found = ' ';
        bool quoted = false;
        foreach (char c in text)
        {
            if (c == '"')
                quoted = !quoted;
            else if (!quoted && (c == ';' || (c == '\t' && found != ';') || (c == ',' && found == ' ')))
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
            if (delimiter == ' ')
            {
                while (i < text.Length && char.IsWhiteSpace(text[i]))
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
                    $"{path}, line {Line}, column {FieldCount + 1}: found '{Shown.Text(text.Slice(i - 1, 1))}' after the closing quote. Put the delimiter "
                        + "there, or double the quote inside the field.");
        }
        return i;
    }

    private bool EndsField(char c) => c == delimiter || (delimiter == ' ' && char.IsWhiteSpace(c));
}
