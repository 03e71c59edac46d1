using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>
/// NVIDIA's assembler, <c>ptxas</c> of the CUDA toolkit, where it is on the PATH: it says whether it takes a kernel, and how many registers that needs.
/// </summary>
internal static partial class Assembler
{
    // What ptxas 11.8, the first to know sm_90, reads at most. Kernels use nothing that is newer.
    private const string Version = ".version 7.8", Architecture = "sm_90";

    /// <summary>Where it is, or null.</summary>
    internal static string? Path => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
        .Split(System.IO.Path.PathSeparator).Select(folder => System.IO.Path.Combine(folder, OperatingSystem.IsWindows() ? "ptxas.exe" : "ptxas"))
        .FirstOrDefault(File.Exists);

    /// <summary>Assembles one kernel in <paramref name="folder"/>.</summary>
    internal static Assembled Assemble(string assembler, string ptx, string folder, string file)
    {
        string source = System.IO.Path.Combine(folder, file);
        File.WriteAllText(source, VersionLine().Replace(ptx, Version, 1));
        ProcessStartInfo start = new(
            assembler, [$"-arch={Architecture}", "-v", source, "-o", source + ".cubin"])
        { RedirectStandardError = true, RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string report = process.StandardError.ReadToEnd() + output.Result;
        process.WaitForExit();
        if (process.ExitCode != 0)
            return new Assembled(0, 0, report);
        int spilled = SpilledBytes().Matches(report).Sum(match => int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture));
        return new Assembled(int.Parse(UsedRegisters().Match(report).Groups[1].ValueSpan, CultureInfo.InvariantCulture), spilled, null);
    }

    [GeneratedRegex(@"^\.version .*$", RegexOptions.Multiline)]
    private static partial Regex VersionLine();

    [GeneratedRegex(@"Used (\d+) registers")]
    private static partial Regex UsedRegisters();

    // A stack frame is memory too: what a kernel keeps there it did not keep in registers.
    [GeneratedRegex(@"(\d+) bytes (?:stack frame|spill stores|spill loads)")]
    private static partial Regex SpilledBytes();
}

/// <summary>What the assembler made of a kernel.</summary>
/// <param name="Registers">Registers a thread.</param>
/// <param name="SpilledBytes">Bytes of memory for what found no register.</param>
/// <param name="Refusal">What it said where it refused the kernel, or null.</param>
internal sealed record Assembled(int Registers, int SpilledBytes, string? Refusal);
