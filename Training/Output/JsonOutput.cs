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
            for (int row = 0; row < columns[0].Values.Length; row++)
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
        switch (column.Values.GetValue(row))
        {
            case string text:
                writer.WriteString(column.Name, text);
                break;
            case int whole:
                writer.WriteNumber(column.Name, whole);
                break;
            case long whole:
                writer.WriteNumber(column.Name, whole);
                break;
            case float real when float.IsFinite(real):
                writer.WriteNumber(column.Name, real);
                break;
            case double real when double.IsFinite(real):
                writer.WriteNumber(column.Name, real);
                break;
            default:
                writer.WriteNull(column.Name);
                break;
        }
    }
}
