using System.Text.Json;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Runs;

/// <summary>One logged step as it is read back.</summary>
/// <param name="Step">The step.</param>
/// <param name="Values">Its numbers by name; NaN stands for what was not finite. Texts are left out.</param>
internal sealed record MetricsRow(long Step, IReadOnlyDictionary<string, double> Values)
{
    /// <summary>
    /// Adds the rows up to <paramref name="lastStep"/> and returns where the last of them ends, counting the line break it should
    /// have: one more than the file's length where that break is missing.
    /// </summary>
    internal static long ReadAll(string path, Stream stream, long lastStep, List<MetricsRow> rows)
    {
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        int start = 0;
        while (start < bytes.Length)
        {
            int length = bytes.AsSpan(start).IndexOf((byte)'\n');
            int next = length < 0 ? bytes.Length + 1 : start + length + 1;
            if (Parse(bytes.AsMemory(start, next - 1 - start)) is not MetricsRow row)
            {
                if (next >= bytes.Length)
                    break;
                throw new InputException($"{path} line {rows.Count + 1} is not a JSON object with a step; delete that line.");
            }

            if (row.Step > lastStep)
                break;
            rows.Add(row);
            start = next;
        }

        return start;
    }

    private static MetricsRow? Parse(ReadOnlyMemory<byte> line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("step", out JsonElement number)
                || number.ValueKind != JsonValueKind.Number
                || !number.TryGetInt64(out long step))
            {
                return null;
            }

            Dictionary<string, double> values = new(StringComparer.Ordinal);
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                if (property.Value.ValueKind == JsonValueKind.Number)
                    values[property.Name] = property.Value.GetDouble();
                else if (property.Value.ValueKind == JsonValueKind.Null)
                    values[property.Name] = double.NaN;
            }

            return new MetricsRow(step, values);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
