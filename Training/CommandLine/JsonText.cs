using System.Text.Json;
using System.Text.Json.Serialization;
using IlgpuVae.Model.Checkpoints;

namespace IlgpuVae.Training.CommandLine;

/// <summary>Results as JSON on standard output, with the names that the run folder uses. What is not finite is null there, as in the metrics.</summary>
internal static class JsonText
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        NewLine = "\n",
        Converters = { new FiniteOrNull(), new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    internal static string Of<T>(T value) => JsonSerializer.Serialize(value, Options);

    /// <summary>Writes a result as a file, replacing it as a whole.</summary>
    internal static void Save<T>(string path, T value) => AtomicFile.Write(path, stream =>
    {
        stream.Write(JsonSerializer.SerializeToUtf8Bytes(value, Options));
        stream.WriteByte((byte)'\n');
    });

    private sealed class FiniteOrNull : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value))
                writer.WriteNumberValue(value);
            else
                writer.WriteNullValue();
        }
    }
}
