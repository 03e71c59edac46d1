using ILGPU.Runtime;
using IlgpuVae.Runtime;

namespace IlgpuVae.Tests;

/// <summary>A device whose lanes exchange numbers within warps.</summary>
internal static class WarpDevice
{
    /// <summary>CUDA where it is, the CPU accelerator with simulated warps elsewhere.</summary>
    internal static ComputeDevice Open() =>
        Target.All.Any(target => target.Type == AcceleratorType.Cuda) ? ComputeDevice.Open("cuda") : ComputeDevice.OpenSimulatedWarps();
}
