using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using ILGPU.Runtime.Cuda;
using IlgpuVae.Runtime.Cuda;

namespace IlgpuVae.Runtime;

/// <summary>What this machine offers each backend, and where it offers nothing, why and what to do about it.</summary>
public static class DeviceSurvey
{
    private const string NoDevice = "CUDA_ERROR_NO_DEVICE";

    private static readonly string[] nvidiaDeviceFiles = ["/dev/nvidia0", "/dev/nvidiactl", "/dev/dxg"];

    /// <summary>
    /// Looks for CUDA and OpenCL devices and describes the processor, in that order: at least one finding per backend, the
    /// usable devices named as the command line names them. Never throws.
    /// </summary>
    public static IReadOnlyList<DeviceFinding> Take()
    {
        NativeLibraries.Register();
        return [.. Probe("cuda", FindCuda), .. Probe("opencl", OpenCLSurvey.Find), .. Probe("cpu", FindCpu)];
    }

    /// <summary>Says that a driver library was found only under the name that .NET does not try.</summary>
    internal static string? NoteOn(string library, string file) =>
        OperatingSystem.IsLinux() && !NativeLibrary.TryLoad($"lib{library}.so", out _)
            ? $"loaded as {file}; lib{library}.so is not installed"
            : null;

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification =
        "The survey is what a user runs when drivers misbehave: whatever they throw is a finding about that backend.")]
    private static DeviceFinding[] Probe(string backend, Func<IEnumerable<DeviceFinding>> find)
    {
        try
        {
            return [.. find()];
        }
        catch (Exception exception)
        {
            string problem = $"Looking for devices failed: {exception.Message}";
            return [new() { Backend = backend, Problem = problem, Cure = "reinstall the driver" }];
        }
    }

    private static IEnumerable<DeviceFinding> FindCuda()
    {
        if (!NativeLibraries.TryLoad(NativeLibraries.CudaLibrary, out nint library, out string? file))
        {
            yield return Array.Exists(nvidiaDeviceFiles, File.Exists)
                ? NoCuda("There is an NVIDIA GPU, but not the driver's library libcuda.so.1.",
                    "in a container, start it with access to the GPU (--gpus all); elsewhere install the driver's CUDA library (libcuda1)")
                : NoCuda("There is no NVIDIA driver (libcuda.so.1, nvcuda.dll).", "if there is an NVIDIA GPU, install its driver");
            yield break;
        }

        if (CudaCalls.Missing(library) is { } missing)
        {
            yield return NoCuda($"The NVIDIA driver's library is there ({file}), but lacks the call {missing}.", "update or reinstall the NVIDIA driver");
            yield break;
        }

        CudaError status = CudaDriver.Init(0);
        int count = 0;
        if (status == CudaError.CUDA_SUCCESS)
            status = CudaDriver.DeviceGetCount(out count);
        if (status != CudaError.CUDA_SUCCESS || count == 0)
        {
            string name = status == CudaError.CUDA_SUCCESS ? NoDevice : CudaDriver.NameOf(status);
            yield return NoCuda($"The NVIDIA driver's library is there ({file}), but does not start: {name}.", CureFor(name));
            yield break;
        }

        var devices = CudaDevice.GetDevices(_ => true);
        string? note = Join(NoteOn(NativeLibraries.CudaLibrary, file), CuBlasNote());
        int usable = 0;
        foreach (CudaDevice device in devices.Cast<CudaDevice>())
        {
            bool accepted = device is { Architecture: not null, InstructionSet: not null };
            yield return new()
            {
                Backend = "cuda",
                Name = accepted ? $"cuda:{usable++}" : null,
                Device = device.Name,
                MemoryBytes = device.MemorySize,
                Version = $"CUDA {device.DriverVersion.Major}.{device.DriverVersion.Minor}, {device.Architecture}",
                ComputeUnits = device.NumMultiprocessors,
                WarpSize = device.WarpSize,
                Problem = accepted ? null : "The driver is too old to compile for this GPU.",
                Cure = accepted ? null : "update the NVIDIA driver",
                Note = accepted ? note : null,
            };
        }

        // ILGPU stops listing at the first device that it cannot describe.
        if (devices.Length < count)
        {
            yield return NoCuda(
                $"ILGPU could not read {count - devices.Length} of {count} NVIDIA GPUs.",
                "update the NVIDIA driver; the GPU must have compute capability 3.0 or newer");
        }
    }

    private static IEnumerable<DeviceFinding> FindCpu()
    {
        const string processors = "/proc/cpuinfo";
        IEnumerable<string> lines = File.Exists(processors) ? File.ReadLines(processors) : [];
        string? model = lines.FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[^1].Trim()
            ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER");
        yield return new()
        {
            Backend = "cpu",
            Name = "cpu",
            Device = model ?? $"{RuntimeInformation.ProcessArchitecture} processor",
            MemoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            Version = RuntimeInformation.FrameworkDescription,
            ComputeUnits = Environment.ProcessorCount,
        };
    }

    private static string CuBlasNote() =>
        NativeLibraries.TryLoadCuBlas(out _, out int version) ? $"cuBLAS {version} found" : "cuBLAS not found";

    /// <summary>
    /// Why no CUDA device can be used although the driver's library is there, with the cure; null where one can be, where there is no driver, and where it is
    /// in order and finds no GPU.
    /// </summary>
    internal static string? BrokenCuda()
    {
        if (!NativeLibraries.TryLoad(NativeLibraries.CudaLibrary, out _, out _))
            return null;
        DeviceFinding[] findings = Probe("cuda", FindCuda);
        bool usable = Array.Exists(findings, finding => finding.IsUsable) || findings[0].Problem!.Contains(NoDevice, StringComparison.Ordinal);
        return usable ? null : $"{findings[0].Problem} To mend it, {findings[0].Cure}.";
    }

    /// <summary>What to do about an error, by the driver's name for it.</summary>
    internal static string CureFor(string error) => error switch
    {
        NoDevice => "check that nvidia-smi lists a GPU and that CUDA_VISIBLE_DEVICES does not hide it",
        "CUDA_ERROR_STUB_LIBRARY" => "this is the toolkit's stub: install the NVIDIA driver, or take the stubs folder off LD_LIBRARY_PATH",
        "CUDA_ERROR_SYSTEM_NOT_READY" => "start nvidia-fabricmanager, which NVSwitch machines need",
        "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH" => "the library and the kernel module differ in version: reboot, or reinstall the driver",
        "CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE" => "remove the cuda-compat package from the library path, or update the NVIDIA driver",
        "CUDA_ERROR_INVALID_PTX" or "CUDA_ERROR_UNSUPPORTED_PTX_VERSION" or "CUDA_ERROR_NO_BINARY_FOR_GPU" or "CUDA_ERROR_JIT_COMPILER_NOT_FOUND" =>
            "update the NVIDIA driver, which does not take this version of compiled kernels",
        "CUDA_ERROR_OUT_OF_MEMORY" => "end other programs that use its memory",
        _ => "check that nvidia-smi works; if not, load the nvidia and nvidia_uvm kernel modules or reinstall the driver",
    };

    /// <summary>Two remarks as one, the first of which there may not be.</summary>
    internal static string Join(string? first, string second) => first is null ? second : $"{first}; {second}";

    private static DeviceFinding NoCuda(string problem, string cure) => new() { Backend = "cuda", Problem = problem, Cure = cure };
}
