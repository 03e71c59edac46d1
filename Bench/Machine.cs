using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;
using IlgpuVae.Runtime;

namespace IlgpuVae.Bench;

/// <summary>The machine a file was measured on. Peers write the same object, and may leave out what they do not know.</summary>
public sealed record Machine
{
    // Says the commit where there is no git, as in the root that .ci/with-pocl unpacks.
    private const string CommitVariable = "ILGPUVAE_COMMIT";

    private const string UnknownCommit = "unknown";
    private const string ProcessorInfo = "/proc/cpuinfo";
    private const string NvidiaDriverInfo = "/proc/driver/nvidia/version";

    // Where the driver does not say: the last-level cache of a server processor.
    private const long UsualCacheBytes = 32L << 20;

    /// <summary>Device name, as <c>cuda:0</c>.</summary>
    public required string Device { get; init; }

    /// <summary>What the driver calls it.</summary>
    public string? Description { get; init; }

    /// <summary>Version of the driver: CUDA's, or the OpenCL platform's and driver's.</summary>
    public string? Driver { get; init; }

    /// <summary>The processor's name.</summary>
    public string? Processor { get; init; }

    /// <summary>Its hardware threads that this process may use.</summary>
    public int? Threads { get; init; }

    /// <summary>The operating system.</summary>
    public string? System { get; init; }

    /// <summary>ILGPU's version.</summary>
    public string? Ilgpu { get; init; }

    /// <summary>.NET's version.</summary>
    public string? Dotnet { get; init; }

    /// <summary>The commit, with <c>-dirty</c> behind it where the tree has changes.</summary>
    public string? Commit { get; init; }

    /// <summary>When, UTC.</summary>
    public string? Date { get; init; }

    /// <summary>Last-level cache, bytes.</summary>
    public long? CacheBytes { get; init; }

    /// <summary>Measured copy bandwidth, GB/s, read plus written.</summary>
    public double? CopyGbPerS { get; init; }

    /// <summary>Measured bandwidth of the best of copying and of updating in place, GB/s.</summary>
    public double? StreamGbPerS { get; init; }

    /// <summary>Measured peak of float32 multiply-adds, GFLOP/s, two operations each.</summary>
    public double? PeakGflopPerS { get; init; }

    /// <summary>Measured time of a launch that does nothing, in a batch, milliseconds.</summary>
    public double? LaunchMs { get; init; }

    /// <summary>Whether the commit has changes that nobody can look up.</summary>
    [global::System.Text.Json.Serialization.JsonIgnore]
    public bool IsDirty => Commit?.EndsWith("-dirty", StringComparison.Ordinal) ?? false;

    /// <summary>Describes <paramref name="device"/> and the checkout.</summary>
    internal static Machine Of(ComputeDevice device) => new()
    {
        Device = device.Name,
        Description = device.Description,
        Driver = DriverOf(device),
        Processor = ProcessorName(),
        Threads = Environment.ProcessorCount,
        System = RuntimeInformation.OSDescription,
        Ilgpu = typeof(ILGPU.Context).Assembly.GetName().Version!.ToString(),
        Dotnet = Environment.Version.ToString(),
        Commit = Environment.GetEnvironmentVariable(CommitVariable) ?? GitCommit(),
        Date = DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
        CacheBytes = CacheBytesOf(device),
    };

    /// <summary>The same with the peaks that were measured on it.</summary>
    internal Machine With(Peaks peaks) => this with
    {
        CopyGbPerS = peaks.CopyGbPerS,
        StreamGbPerS = peaks.StreamGbPerS,
        PeakGflopPerS = peaks.GflopPerS,
        LaunchMs = peaks.LaunchMs,
    };

    /// <summary>The device's last-level cache, bytes.</summary>
    internal static long CacheBytesOf(ComputeDevice device)
    {
        long told = device.Accelerator switch
        {
            CudaAccelerator cuda => cuda.L2CacheSize,
            CLAccelerator opencl when CLAPI.CurrentAPI.GetDeviceInfo(
                opencl.DeviceId, CLDeviceInfoType.CL_DEVICE_GLOBAL_MEM_CACHE_SIZE, out ulong bytes) == CLError.CL_SUCCESS => (long)bytes,
            _ => 0,
        };
        return told > 0 ? told : UsualCacheBytes;
    }

    private static string? DriverOf(ComputeDevice device)
    {
        string? version = DeviceSurvey.Take().FirstOrDefault(finding => finding.Name == device.Name)?.Version;
        return device.Accelerator is CudaAccelerator && File.Exists(NvidiaDriverInfo)
            ? $"{version}, {File.ReadLines(NvidiaDriverInfo).First().Trim()}"
            : version;
    }

    private static string ProcessorName() =>
        (
            File.Exists(ProcessorInfo)
                ? File.ReadLines(ProcessorInfo).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
                : null)?.Split(':', 2)[^1].Trim()
        ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER")
        ?? RuntimeInformation.ProcessArchitecture.ToString();

    private static string GitCommit()
    {
        try
        {
            using Process git = Process.Start(
                new ProcessStartInfo("git", "describe --always --exclude=* --dirty --abbrev=7")
                {
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                })!;
            string text = git.StandardOutput.ReadToEnd().Trim();
            git.WaitForExit();
            return git.ExitCode == 0 ? text : UnknownCommit;
        }
        catch (global::System.ComponentModel.Win32Exception)
        {
            return UnknownCommit;
        }
    }
}
