using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using IlgpuVae.Model.Checkpoints;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;

namespace IlgpuVae.Training.Runs;

/// <summary>A record as a JSON file for people to read and edit: indented, <c>snake_case</c> names, replaced as a whole.</summary>
internal static class JsonFile
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
            throw new InputException(Explain<T>(path, error), error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path} cannot be read: {error.Message}", error);
        }
    }

    // The serialiser's own words speak of .NET types, which a user of the command line need not know.
    private static string Explain<T>(string path, JsonException error)
    {
        string line = error.LineNumber is long number ? $" line {number + 1}" : "";
        if (error.InnerException is JsonException)
            return $"{path}{line} cannot be read as settings: {error.Message.Split(". ")[0].TrimEnd('.')}. Correct the file.";
        string setting = error.Path?.TrimStart('$', '.') ?? "";
        if (setting.Length > 0)
            return $"{path}{line}: the setting {MessageText.Excerpt(setting)} {Misfit(typeof(T), setting)}";

        string[] missing = [.. typeof(T).GetProperties()
            .Where(property => property.IsDefined(typeof(RequiredMemberAttribute), inherit: false))
            .Select(property => JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name))];
        return missing.Length > 0
            ? $"{path} is no whole file of settings. It has to have {string.Join(", ", missing)}."
            : $"{path} holds no settings. Write them as one JSON object.";
    }

    // Whether the setting is there at all decides what there is to correct.
    private static string Misfit(Type type, string setting)
    {
        foreach (string name in setting.Split('.'))
        {
            Dictionary<string, Type> known = type.GetProperties()
                .ToDictionary(property => JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name), property => property.PropertyType);
            string plain = name.Split('[')[0];
            if (!known.TryGetValue(plain, out Type? next))
                return $"is not known; correct or remove it.{SpellingSuggestion.For(plain, known.Keys)}";
            type = next;
        }

        return "has a value that does not fit it; correct or remove it.";
    }
}
