using System.Text.Json;
using IlgpuVae.Runtime;

namespace IlgpuVae.Bench;

/// <summary>A file of measurements with the losses beside them, as the peers write it.</summary>
/// <param name="Machine">Where they were taken.</param>
/// <param name="Rows">The measurements.</param>
/// <param name="Losses">The losses; null in a file without any.</param>
public sealed record PeerFile(Machine Machine, IReadOnlyList<BenchRow> Rows, IReadOnlyList<LossRow>? Losses)
{
    /// <summary>Reads a file of <c>profile</c>, <c>steps</c>, <c>losses</c> or a peer.</summary>
    /// <exception cref="InputException">It is no such file.</exception>
    public static PeerFile Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<PeerFile>(File.ReadAllText(path), BenchFile.Options) ?? throw new InputException($"{path} holds no measurements.");
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path} is no file of measurements: {error.Message}", error);
        }
    }
}
