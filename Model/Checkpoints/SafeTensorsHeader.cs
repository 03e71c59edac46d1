using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model.Checkpoints;

/// <summary>The start of a safetensors file: its length prefix and its JSON header, composed for writing or parsed and checked.</summary>
internal sealed class SafeTensorsHeader
{
    private const string MetadataKey = "__metadata__";
    private const int Alignment = 8;
    private const int PrefixBytes = sizeof(ulong);
    private const int DigitCount = 2 * SHA256.HashSizeInBytes;

    // A hostile header can hold names and shapes of megabytes, which no message should repeat.
    private const int LongestReason = 300;

    // The limit of the format's own library: what it would not open, this does not write or read.
    private const int MaximumBytes = 100_000_000;

    // A quote inside a JSON string is escaped, so these bytes are nowhere but at the entry itself.
    private static readonly byte[] ChecksumStart = Encoding.ASCII.GetBytes($"\"{SafeTensors.ChecksumKey}\":\"");

    private readonly byte[] bytes;

    private SafeTensorsHeader(
        byte[] bytes, string? checksum, IReadOnlyDictionary<string, string> metadata, IReadOnlyList<SafeTensorsEntry> entries)
    {
        this.bytes = bytes;
        Checksum = checksum;
        Metadata = metadata;
        Entries = entries;
    }

    /// <summary>The checksum's digits, or null where the file has none.</summary>
    internal string? Checksum { get; }

    /// <summary>The text map without the checksum.</summary>
    internal IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The tensors in the order of their data, which leaves no byte of the file uncovered.</summary>
    internal IReadOnlyList<SafeTensorsEntry> Entries { get; }

    /// <summary>Prefix and header as they stand at the start of the file, the checksum's digits being zeros.</summary>
    internal static byte[] Compose(IReadOnlyList<NamedTensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        using MemoryStream buffer = new();
        buffer.Write(stackalloc byte[PrefixBytes]);
        using (Utf8JsonWriter json = new(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteStartObject(MetadataKey);
            foreach ((string key, string value) in WithChecksum(metadata))
                json.WriteString(key, value);
            json.WriteEndObject();

            long offset = 0;
            HashSet<string> names = new(StringComparer.Ordinal) { MetadataKey };
            foreach (NamedTensor tensor in tensors)
            {
                if (string.IsNullOrEmpty(tensor.Name) || !names.Add(tensor.Name))
                {
                    throw new ArgumentException(
                        $"The tensor name '{tensor.Name}' is empty, reserved or used twice; give each tensor its own.",
                        nameof(tensors));
                }

                offset = SafeTensorsEntry.Write(json, tensor, offset);
            }

            json.WriteEndObject();
        }

        while (buffer.Length % Alignment != 0)
            buffer.WriteByte((byte)' ');
        byte[] header = buffer.ToArray();
        if (header.Length - PrefixBytes > MaximumBytes)
        {
            throw new ArgumentException(
                $"Names and metadata take {header.Length} bytes, at most {MaximumBytes} fit; store large texts elsewhere.",
                nameof(metadata));
        }

        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)(header.Length - PrefixBytes));
        return header;
    }

    /// <summary>Where the checksum's digits stand, or null where the header has no checksum.</summary>
    internal static Range? ChecksumDigits(ReadOnlySpan<byte> header)
    {
        int at = header.IndexOf(ChecksumStart);
        int start = at + ChecksumStart.Length;
        return at < 0 || header.Length - start < DigitCount ? null : start..(start + DigitCount);
    }

    /// <summary>The bytes the checksum was taken over.</summary>
    internal ReadOnlySpan<byte> WithoutChecksum()
    {
        if (ChecksumDigits(bytes) is Range digits)
            bytes.AsSpan(digits).Fill((byte)'0');
        return bytes;
    }

    /// <summary>Reads and checks the header; the stream is then at the first tensor's first byte.</summary>
    internal static SafeTensorsHeader Read(string path, Stream stream)
    {
        if (stream.Length < PrefixBytes)
            throw new InputException($"{path} is {stream.Length} bytes long, too short for a safetensors file; use another copy.");
        byte[] prefix = new byte[PrefixBytes];
        stream.ReadExactly(prefix);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > MaximumBytes || length > (ulong)(stream.Length - PrefixBytes))
        {
            throw new InputException(
                $"{path} announces a header of {length} bytes in a file of {stream.Length}: it is cut short or of another kind. "
                + "Use another copy.");
        }

        byte[] bytes = new byte[PrefixBytes + (int)length];
        prefix.CopyTo(bytes, 0);
        stream.ReadExactly(bytes.AsSpan(PrefixBytes));
        return Parse(path, bytes, stream.Length - bytes.Length);
    }

    private static SafeTensorsHeader Parse(string path, byte[] bytes, long dataBytes)
    {
        ReadOnlyMemory<byte> text = bytes.AsMemory(PrefixBytes);
        if (!Utf8.IsValid(text.Span))
            throw Damaged(path, "its header is not UTF-8 text");
        try
        {
            using JsonDocument document = JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw Damaged(path, "its header is not a JSON object");

            Dictionary<string, string> metadata = new(StringComparer.Ordinal);
            List<SafeTensorsEntry> entries = [];
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                if (property.NameEquals(MetadataKey))
                    ReadMetadata(path, property.Value, metadata);
                else
                    entries.Add(SafeTensorsEntry.Read(path, property.Name, property.Value));
            }

            entries.Sort();
            long end = entries.Aggregate(0L, (start, entry) => entry.EndAfter(path, start));
            if (end != dataBytes)
                throw Damaged(path, $"its tensors take {end} bytes but {dataBytes} follow the header");
            metadata.Remove(SafeTensors.ChecksumKey, out string? checksum);
            return new SafeTensorsHeader(bytes, checksum, metadata, entries);
        }
        catch (JsonException error)
        {
            throw new InputException(
                $"{path} is damaged or no safetensors file: its header is not valid JSON ({error.Message}). Use another copy.",
                error);
        }
        catch (InvalidOperationException error)
        {
            // Half of a surrogate pair passes the parser and fails where the string is read.
            throw new InputException(
                $"{path} is damaged or no safetensors file: a name in its header is not Unicode text. Use another copy.",
                error);
        }
    }

    /// <summary>The error for a file whose header contradicts itself or the file.</summary>
    internal static InputException Damaged(string path, string what) =>
        new($"{path} is damaged or no safetensors file: {Shorten(what)}. Use another copy.");

    private static string Shorten(string what) => what.Length <= LongestReason ? what : what[..LongestReason] + "...";

    private static SortedDictionary<string, string> WithChecksum(IReadOnlyDictionary<string, string> metadata)
    {
        SortedDictionary<string, string> sorted = new(StringComparer.Ordinal);
        foreach ((string key, string value) in metadata)
            sorted.Add(key, value);
        if (!sorted.TryAdd(SafeTensors.ChecksumKey, new string('0', DigitCount)))
            throw new ArgumentException($"The metadata key {SafeTensors.ChecksumKey} is the writer's own; leave it out.", nameof(metadata));
        return sorted;
    }

    private static void ReadMetadata(string path, JsonElement element, Dictionary<string, string> metadata)
    {
        if (element.ValueKind == JsonValueKind.Null)
            return;
        if (element.ValueKind != JsonValueKind.Object)
            throw Damaged(path, $"{MetadataKey} is not a map of texts");
        foreach (JsonProperty entry in element.EnumerateObject())
        {
            if (entry.Value.ValueKind != JsonValueKind.String)
                throw Damaged(path, $"{MetadataKey} entry {entry.Name} is not a text");
            metadata.Add(entry.Name, entry.Value.GetString()!);
        }
    }
}
