using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using IlgpuVae.Runtime.Cuda;

namespace IlgpuVae.Runtime;

/// <summary>What to say of a device that is listed and cannot be opened.</summary>
internal static class DeviceFailure
{
    /// <summary>Whether a driver threw this, and not a fault of this program.</summary>
    internal static bool Is(Exception exception) =>
        exception is AcceleratorException or EntryPointNotFoundException or DllNotFoundException or NotSupportedException;

    /// <summary>One or two sentences: what is wrong, and the cure.</summary>
    internal static string Sentence(DeviceName name, Device device, Exception exception) =>
        $"The device {name} ({device.Name.Trim()}) cannot be used: {Reason(exception)} To mend it, {Cure(exception)}.";

    private static string Reason(Exception exception) => exception switch
    {
        CudaException cuda => $"the NVIDIA driver says {NameOf(cuda)}.",
        EntryPointNotFoundException => "its driver's library lacks a call that is needed.",
        _ => $"{exception.Message.ReplaceLineEndings(" ").TrimEnd('.', ' ')}.",
    };

    private static string Cure(Exception exception) => exception switch
    {
        CudaException cuda => DeviceSurvey.CureFor(NameOf(cuda)),
        _ => "update or reinstall its driver",
    };

    // ILGPU has a name for the errors it knows, and a number for others.
    private static string NameOf(CudaException exception) =>
        Enum.TryParse(exception.Error, out CudaError error) ? CudaDriver.NameOf(error) : exception.Error;
}
