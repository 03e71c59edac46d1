using System.Text;

namespace IlgpuVae.Training.Output;

/// <summary>Rows as comma-separated text with a header, as RFC 4180 has it, with line feeds.</summary>
internal sealed class CsvOutput : LineOutput
{
    /// <inheritdoc/>
    protected override byte[] End { get; } = [(byte)'\n'];

    /// <inheritdoc/>
    protected override byte[]? NotFinite => null;

    /// <summary>Writes batches of rows.</summary>
    public static void Write(Stream stream, IEnumerable<IReadOnlyList<OutputColumn>> batches) => new CsvOutput().Write(stream.Write, batches);

    /// <inheritdoc cref="Write(Stream, IEnumerable{IReadOnlyList{OutputColumn}})"/>
    public static void Write(TextWriter writer, IEnumerable<IReadOnlyList<OutputColumn>> batches) =>
        new CsvOutput().Write(text => writer.Write(Encoding.UTF8.GetString(text)), batches);

    /// <inheritdoc/>
    protected override void Begin(LineText text, IReadOnlyList<OutputColumn> columns)
    {
        for (int c = 0; c < columns.Count; c++)
        {
            text.Add(Before(columns[c], c));
            Word(text, columns[c].Name);
        }

        text.Add(End);
    }

    /// <inheritdoc/>
    protected override byte[] Before(OutputColumn column, int place) => place == 0 ? [] : [(byte)','];

    /// <inheritdoc/>
    protected override void Word(LineText text, string word) =>
        text.Add(
            word.AsSpan().ContainsAny(",\"\n\r") || word.StartsWith(' ') || word.EndsWith(' ')
                ? $"\"{word.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
                : word);
}
