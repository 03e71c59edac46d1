using System.Security.Cryptography;
using System.Text.Json.Nodes;
using SkiaSharp;

namespace IlgpuVae.Tests.CommandLine;

/// <summary>Looks at what runs leave on the disk.</summary>
internal static class RunFiles
{
    /// <summary>The bytes of a run's checkpoint.</summary>
    internal static byte[] Checkpoint(string run) => File.ReadAllBytes(Path.Combine(run, "checkpoint.safetensors"));

    /// <summary>The run's settings.</summary>
    internal static JsonNode Config(string run) => JsonNode.Parse(File.ReadAllText(Path.Combine(run, "config.json")))!;

    /// <summary>The lines of a run's metrics.</summary>
    internal static JsonObject[] Metrics(string run) =>
        [.. File.ReadLines(Path.Combine(run, "metrics.jsonl")).Select(line => JsonNode.Parse(line)!.AsObject())];

    /// <summary>The lines of a run's metrics without what differs from one time to the next.</summary>
    internal static string[] TimelessMetrics(string run) =>
    [
        .. Metrics(run).Select(line =>
        {
            _ = line.Remove("seconds");
            return line.ToJsonString();
        }),
    ];

    /// <summary>Every file and folder below a folder, with what is in it.</summary>
    internal static SortedDictionary<string, string> Snapshot(string folder)
    {
        SortedDictionary<string, string> found = new(StringComparer.Ordinal);
        foreach (string entry in Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories))
            found[Path.GetRelativePath(folder, entry)] = Directory.Exists(entry) ? "folder" : Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(entry)));
        return found;
    }

    /// <summary>Checks that a PNG is there and can be looked at.</summary>
    internal static void RequirePicture(string path)
    {
        using SKBitmap? picture = SKBitmap.Decode(path);
        Assert.That(picture, Is.Not.Null, $"{path} is no picture");
        Assert.That(picture!.Width * picture.Height, Is.GreaterThan(1000), path);
    }
}
