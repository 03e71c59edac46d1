using System.Globalization;
using System.Text;

namespace IlgpuVae.Training.Output;

/// <summary>Rows as comma-separated text with a header, as RFC 4180 has it, with line feeds.</summary>
internal sealed class CsvOutput
{
    // Characters that wait to be written, and the most that a number takes.
    private const int Waiting = 1 << 15;
    private const int LongestNumber = 32;

    private readonly TextWriter writer;
    private readonly char[] text = new char[Waiting];
    private int used;

    private CsvOutput(TextWriter writer) => this.writer = writer;

    /// <summary>Writes batches of rows.</summary>
    public static void Write(Stream stream, IEnumerable<IReadOnlyList<OutputColumn>> batches)
    {
        using StreamWriter writer = new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), bufferSize: Waiting, leaveOpen: true);
        Write(writer, batches);
    }

    /// <inheritdoc cref="Write(Stream, IEnumerable{IReadOnlyList{OutputColumn}})"/>
    public static void Write(TextWriter writer, IEnumerable<IReadOnlyList<OutputColumn>> batches)
    {
        CsvOutput output = new(writer);
        bool isFirst = true;
        foreach (IReadOnlyList<OutputColumn> batch in batches)
        {
            OutputColumn[] columns = [.. batch];
            if (isFirst)
                output.Header(columns);
            isFirst = false;
            for (int row = 0; row < columns[0].Count; row++)
                output.Row(columns, row);
        }

        output.Flush();
    }

    private void Header(OutputColumn[] columns)
    {
        for (int c = 0; c < columns.Length; c++)
        {
            Word(columns[c].Name);
            End(c == columns.Length - 1);
        }
    }

    private void Row(OutputColumn[] columns, int row)
    {
        for (int c = 0; c < columns.Length; c++)
        {
            Value(columns[c], row);
            End(c == columns.Length - 1);
        }
    }

    private void Value(OutputColumn column, int row)
    {
        switch (column)
        {
            case WordColumn words:
                Word(words[row]);
                break;
            case NumberColumn<int> numbers:
                Number(numbers[row]);
                break;
            case NumberColumn<long> numbers:
                Number(numbers[row]);
                break;
            case NumberColumn<float> numbers:
                Number(numbers[row]);
                break;
            case NumberColumn<double> numbers:
                Number(numbers[row]);
                break;
            default:
                throw new ArgumentException($"column {column.Name} is of no kind that is written.", nameof(column));
        }
    }

    // As text that reads back as the same number.
    private void Number<T>(T number)
        where T : ISpanFormattable
    {
        Reserve(LongestNumber);
        if (!number.TryFormat(text.AsSpan(used), out int written, default, CultureInfo.InvariantCulture))
            throw new InvalidOperationException($"a number takes more than {LongestNumber} characters.");
        used += written;
    }

    private void Word(string word)
    {
        if (word.AsSpan().ContainsAny(",\"\n\r") || word.StartsWith(' ') || word.EndsWith(' '))
            word = $"\"{word.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        Reserve(word.Length);
        if (word.TryCopyTo(text.AsSpan(used)))
            used += word.Length;
        else
            writer.Write(word);
    }

    private void End(bool isLast)
    {
        Reserve(1);
        text[used++] = isLast ? '\n' : ',';
    }

    private void Reserve(int characters)
    {
        if (text.Length - used < characters)
            Flush();
    }

    private void Flush()
    {
        writer.Write(text, 0, used);
        used = 0;
    }
}
