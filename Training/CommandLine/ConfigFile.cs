using System.Text.Json;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Runs;

namespace IlgpuVae.Training.CommandLine;

/// <summary>Reads <c>--config</c>: options alone, or the whole <c>config.json</c> of a run.</summary>
internal static class ConfigFile
{
    internal static TrainingOptions Read(string path) => HoldsRun(path) ? JsonFile.Read<RunConfig>(path).Repeat() : JsonFile.Read<TrainingOptions>(path);

    private static bool HoldsRun(string path)
    {
        if (Directory.Exists(path))
            throw new InputException($"--config {path} is a folder. Name a file of options, such as the config.json of a run.");
        try
        {
            using JsonDocument document = JsonDocument.Parse(
                File.ReadAllText(path), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("options", out _);
        }
        catch (JsonException)
        {
            // The reader behind this one says what is wrong, and where.
            return false;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"--config {path} cannot be read: {error.Message.TrimEnd('.')}. Check the path.", error);
        }
    }
}
