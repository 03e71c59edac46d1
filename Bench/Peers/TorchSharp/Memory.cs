using System.Globalization;
using System.Runtime.InteropServices;

namespace IlgpuVae.TorchSharpPeer;

/// <summary>What libtorch takes from the system while it works. It has no counter of its own on the CPU, so the process's is read; on Linux only.</summary>
internal static class Memory
{
    private const string ResetPeak = "5";

    /// <summary>
    /// By how much the process's resident memory grows at most while <paramref name="run"/> runs, beyond what it held before; null where that cannot be read.
    /// </summary>
    internal static long? PeakGrowth(Action run)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        try
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();

            // What was freed and kept would hide what is taken anew.
            _ = TrimHeap(0);
            File.WriteAllText("/proc/self/clear_refs", ResetPeak);
            long before = Status("VmRSS:");
            run();
            return Status("VmHWM:") - before;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    private static long Status(string name)
    {
        string line = File.ReadLines("/proc/self/status").First(each => each.StartsWith(name, StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2].Split('\t')[^1], CultureInfo.InvariantCulture);
    }

    [DllImport("libc", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int TrimHeap(nuint pad);
}
