using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using IlgpuVae.Model.Checkpoints;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Runs;

/// <summary>A record as a JSON file for people to read and edit: indented, <c>snake_case</c> names, replaced as a whole.</summary>
public static class JsonFile
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DictionaryKeyPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NewLine = "\n",

        // A misspelt option must not be dropped in silence.
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <summary>Writes <paramref name="value"/>; the file is the old one or the new one at every moment.</summary>
    public static void Write<T>(string path, T value)
    {
        byte[] text = JsonSerializer.SerializeToUtf8Bytes(value, Options);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(text);
            stream.WriteByte((byte)'\n');
        });
    }

    /// <summary>Reads a record; comments and trailing commas are allowed, unknown names are not.</summary>
    /// <exception cref="InputException">The file cannot be read, or does not describe a <typeparamref name="T"/>.</exception>
    public static T Read<T>(string path)
    {
        try
        {
            // Through text, so that a byte order mark from an editor does no harm.
            return JsonSerializer.Deserialize<T>(File.ReadAllText(path), Options)
                ?? throw new InputException($"{path} holds null instead of settings; write the settings as a JSON object.");
        }
        catch (JsonException error)
        {
            throw new InputException(Explain(path, error), error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path} cannot be read: {error.Message}", error);
        }
    }

    // The serialiser's own words speak of .NET types, which a user of the command line need not know.
    private static string Explain(string path, JsonException error)
    {
        string line = error.LineNumber is long number ? $" line {number + 1}" : "";
        string setting = error.Path?.TrimStart('$', '.') ?? "";
        string said = error.Message.Split(". ")[0].TrimEnd('.');
        bool malformed = error.InnerException is JsonException;
        return malformed || setting.Length == 0
            ? $"{path}{line} cannot be read as settings: {said}. Correct the file."
            : $"{path}{line}: the setting {setting} is unknown, or its value does not fit it; correct or remove it.";
    }
}
