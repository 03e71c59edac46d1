using System.Runtime.InteropServices;

namespace IlgpuVae.Runtime;

/// <summary>
/// Asks PoCL to keep its threads on a processor each. A step is dozens of launches that its threads begin and end together; free to move, two of them often wake on one
/// processor, and the step then takes half as long again.
/// </summary>
internal static partial class PoclThreads
{
    private const string Variable = "POCL_AFFINITY";

    /// <summary>
    /// To be called before OpenCL's first use, since PoCL looks once. Leaves alone what the user has set, and a process that may not use every processor: PoCL counts from the first one
    /// and ends the process where it is refused one.
    /// </summary>
    internal static void Pin()
    {
        if (OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable(Variable) is null && MayUseEveryProcessor())
            _ = SetVariable(Variable, "1", 0);
    }

    /// <summary>Whether this process may run on all processors that there are, and they are numbered from 0 without a gap.</summary>
    internal static bool MayUseEveryProcessor()
    {
        try
        {
            string online = File.ReadAllText("/sys/devices/system/cpu/online").Trim();
            return online == $"0-{Environment.ProcessorCount - 1}" && AllowedProcessors("/proc/self/status") == online;
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The processors that a thread may run on, as Linux lists them in its status file.</summary>
    internal static string? AllowedProcessors(string statusFile)
    {
        const string Label = "Cpus_allowed_list:";
        return File.ReadLines(statusFile).FirstOrDefault(line => line.StartsWith(Label, StringComparison.Ordinal))?[Label.Length..].Trim();
    }

    // .NET keeps a copy of the environment of its own, which native code does not see.
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
