using System.Runtime.InteropServices;

namespace IlgpuVae.Runtime.Cuda;

/// <summary>
/// The calls of the driver without which no training runs, ILGPU's among them. They are looked for before a device is opened: found missing later, some would
/// end the process from a finalizer.
/// </summary>
internal static class CudaCalls
{
    private static readonly string[] Needed =
    [
        "cuInit", "cuDriverGetVersion", "cuDeviceGet", "cuDeviceGetCount", "cuDeviceGetName", "cuDeviceGetAttribute", "cuDeviceTotalMem_v2", "cuGetErrorName",
            "cuGetErrorString",
        "cuCtxCreate_v2", "cuCtxDestroy_v2", "cuCtxSetCurrent", "cuCtxSynchronize", "cuCtxGetCacheConfig", "cuCtxGetSharedMemConfig", "cuStreamCreate",
            "cuStreamDestroy_v2",
        "cuStreamSynchronize", "cuStreamBeginCapture_v2", "cuStreamEndCapture", "cuGraphGetNodes", "cuGraphLaunch", "cuGraphExecDestroy", "cuGraphDestroy",
            "cuEventCreate",
        "cuEventDestroy_v2", "cuEventRecord", "cuEventElapsedTime", "cuMemAlloc_v2", "cuMemFree_v2", "cuMemHostRegister_v2", "cuMemHostUnregister",
            "cuMemcpyAsync", "cuMemsetD8Async",
        "cuModuleLoadDataEx", "cuModuleGetFunction", "cuModuleUnload", "cuLaunchKernel",
    ];

    /// <summary>The first of them that a loaded driver library lacks, or null.</summary>
    internal static string? Missing(nint library) => Array.Find(Needed, call => !NativeLibrary.TryGetExport(library, call, out _));
}
