using System.Globalization;
using System.Text.Json;
using IlgpuVae.Runtime;

namespace IlgpuVae.Bench;

/// <summary>A file of measurements.</summary>
/// <param name="Machine">Where they were taken.</param>
/// <param name="Rows">The measurements.</param>
/// <param name="Losses">Losses of a state that is the same for all who measure; null in a file without any.</param>
public sealed record BenchFile(Machine Machine, IReadOnlyList<BenchRow> Rows, IReadOnlyList<LossRow>? Losses = null)
{
    internal static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        WriteIndented = true,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Reads a file.</summary>
    /// <exception cref="InputException">It is no file of measurements, or a time in it is none.</exception>
    public static BenchFile Read(string path)
    {
        BenchFile file;
        try
        {
            file = JsonSerializer.Deserialize<BenchFile>(File.ReadAllText(path), Options) ?? throw new InputException($"{path} holds no measurements.");
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path} is no file of measurements: {error.Message.ReplaceLineEndings(" ").TrimEnd('.')}.", error);
        }

        HashSet<(string, string, string)> seen = [];
        foreach (BenchRow? row in file.Rows)
        {
            if (row is null)
                throw new InputException($"{path} is no file of measurements: a row is null.");
            (double p20, double p50, double p80) = row.Ms;
            if (!(p20 > 0 && p20 <= p50 && p50 <= p80 && double.IsFinite(p80)))
                throw new InputException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{path} has no measurement of {row.Work} {row.Shape} by {row.Provider}: its times are {p20}, {p50} and {p80} ms, which are no "
                            + $"rising positive numbers."));
            if (!seen.Add((row.Provider, row.Work, row.Shape)))
                throw new InputException($"{path} measures {row.Work} {row.Shape} by {row.Provider} twice, so that it cannot be compared.");
        }

        return file;
    }

    /// <summary>The rows of several files as one, with the machine of the first that names it; of rows measured twice the first counts.</summary>
    public static BenchFile Merge(IReadOnlyList<BenchFile> files) => new(
        files[0].Machine with
        {
            CopyGbPerS = files.Max(file => file.Machine.CopyGbPerS),
            StreamGbPerS = files.Max(file => file.Machine.StreamGbPerS),
            PeakGflopPerS = files.Max(file => file.Machine.PeakGflopPerS),
            LaunchMs = files.Min(file => file.Machine.LaunchMs),
        },
        [.. files.SelectMany(file => file.Rows).DistinctBy(row => (row.Provider, row.Work, row.Shape))],
        [.. files.SelectMany(file => file.Losses ?? []).DistinctBy(row => (row.Provider, row.Work, row.Shape))]);

    /// <summary>Writes the file.</summary>
    public void Write(string path)
    {
        try
        {
            File.WriteAllText(path, JsonSerializer.Serialize(this, Options) + "\n");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path} cannot be written: {error.Message}", error);
        }
    }
}
