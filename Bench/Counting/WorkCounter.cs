using System.Runtime.InteropServices;
using ILGPU.Runtime.Cuda;
using IlgpuVae.Runtime;

namespace IlgpuVae.Bench.Counting;

/// <summary>Counts the work of single launches on an emulated CUDA device, which writes a line a kernel to its log.</summary>
internal sealed class WorkCounter
{
    /// <summary>What runs a program where its work is counted.</summary>
    internal const string Command =
        "PTXEMU_COUNT=1 PTXEMU_FMAD=1 PTXEMU_RACE=0 PTXEMU_UNINIT=0 ../shared/tools/with-cuda-emulator dotnet run -c Release --project Bench -- count";

    private const string Driver = "libcuda.so.1", Call = "ptxemu_count", Switch = "PTXEMU_COUNT", Log = "PTXEMU_LOG";
    private const string Label = "launch", LineStart = "COUNT ";

    [UnmanagedFunctionPointer(CallingConvention.Cdecl, CharSet = CharSet.Ansi)]
    private delegate int NextLabel(string label);

    private readonly ComputeDevice device;
    private readonly NextLabel nextLabel;
    private readonly string log;
    private long read;

    /// <param name="device">The device, which has to be one that counts.</param>
    /// <exception cref="InputException">It is none.</exception>
    internal WorkCounter(ComputeDevice device)
    {
        if (Refusal(device) is { } refusal)
            throw new InputException(refusal);
        this.device = device;
        NativeLibrary.TryGetExport(NativeLibrary.Load(Driver), Call, out nint call);
        nextLabel = Marshal.GetDelegateForFunctionPointer<NextLabel>(call);
        log = Environment.GetEnvironmentVariable(Log)!;
    }

    /// <summary>Why work cannot be counted on <paramref name="device"/>, or null.</summary>
    internal static string? Refusal(ComputeDevice device)
    {
        if (device.Accelerator is not CudaAccelerator || !NativeLibrary.TryLoad(Driver, out nint library) || !NativeLibrary.TryGetExport(library, Call, out _))
            return $"{device.Name} does not count its work: only the emulated CUDA device does. Run {Command}";
        return Environment.GetEnvironmentVariable(Switch) is null or "0" || Environment.GetEnvironmentVariable(Log) is null
            ? $"{device.Name} is emulated but was not told to count. Run {Command}"
            : null;
    }

    /// <summary>Runs a launch and says what its kernels did; null where it has none of ours, as a product by cuBLAS.</summary>
    internal WorkCounts? Count(Launch launch)
    {
        Next();
        launch.Run(device.Stream);
        device.Wait();
        return Next().Where(line => line.StartsWith(LineStart, StringComparison.Ordinal)).Select(CountedBound.Of).Aggregate(
            (WorkCounts?)null, (sum, each) => sum is null ? each : sum + each);
    }

    // Ends a label, which writes the counts of all that ran under it, and reads what was written.
    private string[] Next()
    {
        _ = nextLabel(Label);
        using FileStream stream = new(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Position = read;
        using StreamReader reader = new(stream);
        string text = reader.ReadToEnd();
        read = stream.Length;
        return text.Split('\n');
    }
}
