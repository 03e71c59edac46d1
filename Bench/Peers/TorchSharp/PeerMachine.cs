using System.Diagnostics;
using System.Globalization;
using TorchSharp;

namespace IlgpuVae.TorchSharpPeer;

/// <summary>Where the rows were measured, and with what.</summary>
internal sealed record PeerMachine
{
    public string Device { get; } = "cpu";

    public string Description { get; } = Processor();

    public string TorchSharp { get; } = typeof(torch).Assembly.GetName().Version!.ToString(3);

    public string Libtorch { get; } = torch.__version__;

    public string Dotnet { get; } = Environment.Version.ToString();

    public required int Threads { get; init; }

    public string Commit { get; } = Environment.GetEnvironmentVariable("ILGPUVAE_COMMIT")
        ?? Git("rev-parse --short HEAD") + (Git("status --porcelain --untracked-files=no").Length > 0 ? "-dirty" : string.Empty);

    public string Date { get; } = DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    /// <summary>Measured copy bandwidth, GB/s, read plus written.</summary>
    public double CopyGbPerS { get; init; }

    private static string Processor() =>
        OperatingSystem.IsLinux() && File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) is { } line
            ? line[(line.IndexOf(':', StringComparison.Ordinal) + 2)..]
            : "processor";

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
