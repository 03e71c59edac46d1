using System.Text.Encodings.Web;
using System.Text.Json;

namespace IlgpuVae.Training.Output;

/// <summary>Rows as JSON lines: an object a row.</summary>
internal static class JsonOutput
{
    // Accents and other scripts stay readable; the file is no part of a page.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes batches of rows.</summary>
    public static void Write(Stream stream, IEnumerable<IReadOnlyList<OutputColumn>> batches)
    {
        using Utf8JsonWriter writer = new(stream, Options);
        foreach (IReadOnlyList<OutputColumn> columns in batches)
        {
            for (int row = 0; row < columns[0].Count; row++)
            {
                writer.WriteStartObject();
                foreach (OutputColumn column in columns)
                    Value(writer, column, row);
                writer.WriteEndObject();
                writer.Flush();
                writer.Reset();
                stream.WriteByte((byte)'\n');
            }
        }
    }

    // JSON has no word for numbers that are not finite.
    private static void Value(Utf8JsonWriter writer, OutputColumn column, int row)
    {
        switch (column)
        {
            case WordColumn words:
                writer.WriteString(column.Name, words[row]);
                break;
            case NumberColumn<int> numbers:
                writer.WriteNumber(column.Name, numbers[row]);
                break;
            case NumberColumn<long> numbers:
                writer.WriteNumber(column.Name, numbers[row]);
                break;
            case NumberColumn<float> numbers when float.IsFinite(numbers[row]):
                writer.WriteNumber(column.Name, numbers[row]);
                break;
            case NumberColumn<double> numbers when double.IsFinite(numbers[row]):
                writer.WriteNumber(column.Name, numbers[row]);
                break;
            default:
                writer.WriteNull(column.Name);
                break;
        }
    }
}
