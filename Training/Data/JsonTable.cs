using System.Globalization;
using System.Text.Json;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>JSON lines as a table, an object a row. The first one says which columns there are; in which order a row has them is all the same.</summary>
internal sealed class JsonTable : ITable
{
    private readonly StreamReader reader;
    private JsonDocument? row;
    private long line;
    private bool isAtFirst = true;

    /// <summary>Opens a file.</summary>
    /// <exception cref="InputException">It is damaged, or does not begin with an object in a line.</exception>
    public JsonTable(string path)
    {
        Path = path;
        reader = new StreamReader(SourceFile.Open(path, allowsJson: true));
        try
        {
            row = Read();
            Names = row is null ? [] : [.. row.RootElement.EnumerateObject().Select(property => property.Name)];
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Path { get; }

    /// <inheritdoc/>
    public int Width => Names!.Length;

    /// <inheritdoc/>
    public string[]? Names { get; }

    /// <inheritdoc/>
    public bool Next()
    {
        if (!isAtFirst)
        {
            row?.Dispose();
            row = Read();
        }

        isAtFirst = false;
        return row is not null;
    }

    /// <inheritdoc/>
    public float Number(int column) => Value(column) is { ValueKind: JsonValueKind.Number } value && value.TryGetSingle(out float number)
        ? number
        : throw new InputException($"{Place(column)}: expected a number, but found '{MessageText.Excerpt(Text(column))}'.");

    /// <inheritdoc/>
    public string Text(int column) => Value(column) switch
    {
        { ValueKind: JsonValueKind.String } value => value.GetString()!,
        { ValueKind: JsonValueKind.Undefined or JsonValueKind.Null } => string.Empty,
        var value => value.GetRawText(),
    };

    /// <inheritdoc/>
    public string Place(int column) => string.Create(CultureInfo.InvariantCulture, $"{Path}, line {line}, '{MessageText.Excerpt(Names![column])}'");

    /// <inheritdoc/>
    public void Dispose()
    {
        row?.Dispose();
        reader.Dispose();
    }

    private JsonElement Value(int column) => row!.RootElement.TryGetProperty(Names![column], out JsonElement value) ? value : default;

    // The next line that is not blank, or null at the end.
    private JsonDocument? Read()
    {
        while (reader.ReadLine() is { } text)
        {
            line++;
            if (string.IsNullOrWhiteSpace(text))
                continue;
            JsonDocument? found = null;
            try
            {
                found = JsonDocument.Parse(text);
                if (found.RootElement.ValueKind == JsonValueKind.Object)
                    return found;
            }
            catch (JsonException)
            {
                // Said below, as of a line that is another kind of value.
            }

            found?.Dispose();
            throw new InputException($"{Path}, line {line} is no JSON object. Give one in each line, as encode writes them.");
        }

        return null;
    }
}
