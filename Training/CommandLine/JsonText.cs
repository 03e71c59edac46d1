using System.Text.Json;

namespace IlgpuVae.Training.CommandLine;

/// <summary>Results as JSON on standard output, with the names that the run folder uses.</summary>
internal static class JsonText
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    internal static string Of<T>(T value) => JsonSerializer.Serialize(value, Options);
}
