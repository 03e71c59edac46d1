using System.Diagnostics;
using System.Text.Json;
using IlgpuVae.Runtime;

namespace IlgpuVae.Bench;

/// <summary>The machine a file was measured on.</summary>
public sealed record Machine
{
    /// <summary>Device name, as <c>cuda:0</c>.</summary>
    public required string Device { get; init; }

    /// <summary>What the driver calls it.</summary>
    public required string Description { get; init; }

    /// <summary>ILGPU's version.</summary>
    public string Ilgpu { get; init; } = typeof(ILGPU.Context).Assembly.GetName().Version!.ToString();

    /// <summary>.NET's version.</summary>
    public string Dotnet { get; init; } = Environment.Version.ToString();

    /// <summary>The commit, with <c>-dirty</c> behind it where the tree has changes.</summary>
    public required string Commit { get; init; }

    /// <summary>When, UTC.</summary>
    public string Date { get; init; } = DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Measured copy bandwidth, GB/s, read plus written.</summary>
    public double? CopyGbPerS { get; init; }

    /// <summary>Describes <paramref name="device"/> and the checkout.</summary>
    public static Machine Of(ComputeDevice device, double? copyGbPerS) => new()
    {
        Device = device.Name,
        Description = device.Description,
        Commit = Git("rev-parse --short HEAD") + (Git("status --porcelain --untracked-files=no").Length > 0 ? "-dirty" : string.Empty),
        CopyGbPerS = copyGbPerS,
    };

    private static string Git(string arguments)
    {
        try
        {
            using Process git = Process.Start(new ProcessStartInfo("git", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            string text = git.StandardOutput.ReadToEnd().Trim();
            git.WaitForExit();
            return git.ExitCode == 0 ? text : "unknown";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "unknown";
        }
    }
}

/// <summary>A file of measurements.</summary>
/// <param name="Machine">Where they were taken.</param>
/// <param name="Rows">The measurements.</param>
public sealed record BenchFile(Machine Machine, IReadOnlyList<BenchRow> Rows)
{
    internal static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>Reads a file.</summary>
    /// <exception cref="InputException">It is no file of measurements.</exception>
    public static BenchFile Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<BenchFile>(File.ReadAllText(path), Options) ?? throw new InputException($"{path} holds no measurements.");
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path} is no file of measurements: {error.Message}", error);
        }
    }

    /// <summary>Writes the file.</summary>
    public void Write(string path) => File.WriteAllText(path, JsonSerializer.Serialize(this, Options) + "\n");
}
