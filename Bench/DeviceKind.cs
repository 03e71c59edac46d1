using ILGPU.Runtime;
using ILGPU.Runtime.OpenCL;
using IlgpuVae.Runtime;

namespace IlgpuVae.Bench;

/// <summary>What a device is to the bench: it says how large works are.</summary>
internal enum DeviceKind
{
    /// <summary>The processor, in .NET's own vectors or, far slower, through OpenCL.</summary>
    Processor,

    /// <summary>A graphics processor.</summary>
    Graphics,

    /// <summary>Groups that threads act out, for tests.</summary>
    Simulated,
}

/// <summary>Tells the kinds apart.</summary>
internal static class DeviceKinds
{
    /// <summary>The kind of <paramref name="device"/>.</summary>
    internal static DeviceKind Kind(this ComputeDevice device) => device switch
    {
        { Style: LaunchStyle.Processor } => DeviceKind.Processor,
        { Type: AcceleratorType.CPU } => DeviceKind.Simulated,
        { Accelerator: CLAccelerator { DeviceType: var type } } when !type.HasFlag(CLDeviceType.CL_DEVICE_TYPE_GPU) => DeviceKind.Processor,
        _ => DeviceKind.Graphics,
    };
}
