using System.Buffers;
using System.Text.Json;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Runs;

/// <summary>
/// Appends to <c>metrics.jsonl</c>: one JSON object a line, <c>step</c> first. A line is handed to the operating system whole and at
/// once, so that it can be followed from outside and outlives the process.
/// </summary>
internal sealed class MetricsLog : IDisposable
{
    private readonly FileStream stream;
    private readonly ArrayBufferWriter<byte> line = new(512);

    private MetricsLog(string path, FileMode mode)
    {
        try
        {
            stream = new FileStream(path, mode, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException(
                $"{path} cannot be written: {error.Message.TrimEnd('.')}. Change its permissions, or continue a copy of the folder.", error);
        }
    }

    /// <summary>Starts a log, emptying the file.</summary>
    public static MetricsLog Create(string path) => new(path, FileMode.Create);

    /// <summary>
    /// Continues a log after the checkpoint of <paramref name="step"/>: lines of later steps are cut off, since the resumed run
    /// writes them again, and so is a last line that was not written to its end.
    /// </summary>
    /// <exception cref="InputException">A line in the middle is no logged step.</exception>
    public static MetricsLog Resume(string path, long step)
    {
        MetricsLog log = new(path, FileMode.OpenOrCreate);
        try
        {
            List<MetricsRow> rows = [];
            long end = MetricsRow.ReadAll(path, log.stream, step, rows);
            bool unterminated = end > log.stream.Length;
            log.stream.SetLength(Math.Min(end, log.stream.Length));
            log.stream.Position = log.stream.Length;
            if (unterminated)
                log.stream.Write("\n"u8);
            return log;
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    /// <summary>The steps logged so far; a last line that was not written to its end is left out.</summary>
    /// <exception cref="InputException">A line in the middle is no logged step.</exception>
    public static IReadOnlyList<MetricsRow> Read(string path)
    {
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            List<MetricsRow> rows = [];
            _ = MetricsRow.ReadAll(path, stream, long.MaxValue, rows);
            return rows;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path} cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Appends a step. Numbers are written so that they read back exactly; what is not finite becomes null.</summary>
    /// <param name="step">The step.</param>
    /// <param name="values">Numbers by name, in this order.</param>
    /// <param name="texts">Texts by name, such as how a number was made; null for none.</param>
    public void Append(long step, IEnumerable<KeyValuePair<string, double>> values, IEnumerable<KeyValuePair<string, string>>? texts = null)
    {
        ArgumentNullException.ThrowIfNull(values);
        line.ResetWrittenCount();
        using (Utf8JsonWriter json = new(line))
        {
            json.WriteStartObject();
            json.WriteNumber("step", step);
            foreach ((string name, double value) in values)
            {
                if (double.IsFinite(value))
                    json.WriteNumber(name, value);
                else
                    json.WriteNull(name);
            }

            foreach ((string name, string text) in texts ?? [])
                json.WriteString(name, text);
            json.WriteEndObject();
        }

        line.Write("\n"u8);
        stream.Write(line.WrittenSpan);
    }

    /// <summary>Waits until every line is on the disk; call it before saving a checkpoint, so that none is ahead of its log.</summary>
    public void Flush() => stream.Flush(flushToDisk: true);

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();
}
