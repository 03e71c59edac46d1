using System.Text.Encodings.Web;
using System.Text.Json;

namespace IlgpuVae.Training.Output;

/// <summary>Rows as JSON lines: an object a row.</summary>
internal sealed class JsonOutput : LineOutput
{
    // Accents and other scripts stay readable; the file is no part of a page.
    private static readonly JavaScriptEncoder encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    /// <inheritdoc/>
    protected override byte[] End { get; } = [.. "}\n"u8];

    /// <inheritdoc/>
    protected override byte[]? NotFinite { get; } = [.. "null"u8];

    /// <summary>Writes batches of rows.</summary>
    public static void Write(Stream stream, IEnumerable<IReadOnlyList<OutputColumn>> batches) => new JsonOutput().Write(stream.Write, batches);

    /// <inheritdoc/>
    protected override void Begin(LineText text, IReadOnlyList<OutputColumn> columns)
    {
    }

    /// <inheritdoc/>
    protected override byte[] Before(OutputColumn column, int place) =>
        [.. place == 0 ? "{\""u8 : ",\""u8, .. JsonEncodedText.Encode(column.Name, encoder).EncodedUtf8Bytes, .. "\":"u8];

    /// <inheritdoc/>
    protected override void Word(LineText text, string word)
    {
        text.Add('"');
        text.Add(JsonEncodedText.Encode(word, encoder).EncodedUtf8Bytes);
        text.Add('"');
    }
}
