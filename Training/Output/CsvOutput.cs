using System.Text;

namespace IlgpuVae.Training.Output;

/// <summary>Rows as comma-separated text with a header, as RFC 4180 has it, with line feeds.</summary>
internal static class CsvOutput
{
    /// <summary>Writes batches of rows.</summary>
    public static void Write(Stream stream, IEnumerable<IReadOnlyList<OutputColumn>> batches)
    {
        using StreamWriter writer = new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), bufferSize: 1 << 16, leaveOpen: true);
        Write(writer, batches);
    }

    /// <inheritdoc cref="Write(Stream, IEnumerable{IReadOnlyList{OutputColumn}})"/>
    public static void Write(TextWriter writer, IEnumerable<IReadOnlyList<OutputColumn>> batches)
    {
        bool isFirst = true;
        foreach (IReadOnlyList<OutputColumn> columns in batches)
        {
            if (isFirst)
                Line(writer, columns.Select(column => column.Name));
            isFirst = false;
            for (int row = 0; row < columns[0].Values.Length; row++)
                Line(writer, columns.Select(column => column.Text(row)));
        }
    }

    private static void Line(TextWriter writer, IEnumerable<string> fields)
    {
        writer.Write(string.Join(',', fields.Select(Quoted)));
        writer.Write('\n');
    }

    private static string Quoted(string field) =>
        field.AsSpan().ContainsAny(",\"\n\r") || field.StartsWith(' ') || field.EndsWith(' ')
            ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : field;
}
