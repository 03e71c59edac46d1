using System.Runtime.InteropServices;
using ILGPU.Runtime.Cuda;

[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]

namespace IlgpuVae.Runtime.Cuda;

/// <summary>The calls of the CUDA driver that ILGPU does not bind.</summary>
internal static partial class CudaDriver
{
    // The mode that lets ILGPU's finalizers free memory and unload modules on their own thread during a capture.
    internal const int RelaxedCapture = 2;

    [LibraryImport(NativeLibraries.CudaLibrary, EntryPoint = "cuInit")]
    internal static partial CudaError Init(uint flags);

    [LibraryImport(NativeLibraries.CudaLibrary, EntryPoint = "cuDeviceGetCount")]
    internal static partial CudaError DeviceGetCount(out int count);

    [LibraryImport(NativeLibraries.CudaLibrary, EntryPoint = "cuStreamBeginCapture_v2")]
    internal static partial CudaError StreamBeginCapture(nint stream, int mode);

    [LibraryImport(NativeLibraries.CudaLibrary, EntryPoint = "cuStreamEndCapture")]
    internal static partial CudaError StreamEndCapture(nint stream, out nint graph);

    [LibraryImport(NativeLibraries.CudaLibrary, EntryPoint = "cuGraphGetNodes")]
    internal static partial CudaError GraphGetNodes(nint graph, nint nodes, ref nuint count);

    [LibraryImport(NativeLibraries.CudaLibrary, EntryPoint = "cuGraphLaunch")]
    internal static partial CudaError GraphLaunch(nint executable, nint stream);

    [LibraryImport(NativeLibraries.CudaLibrary, EntryPoint = "cuGraphExecDestroy")]
    internal static partial CudaError GraphExecDestroy(nint executable);

    [LibraryImport(NativeLibraries.CudaLibrary, EntryPoint = "cuGraphDestroy")]
    internal static partial CudaError GraphDestroy(nint graph);

    [LibraryImport(NativeLibraries.CudaLibrary, EntryPoint = "cuFuncGetAttribute")]
    internal static partial CudaError FuncGetAttribute(out int value, int attribute, nint function);

    /// <summary>Makes a captured graph launchable, with the newer entry point where the driver has it (CUDA 11.4).</summary>
    internal static CudaError GraphInstantiate(out nint executable, nint graph)
    {
        try
        {
            return GraphInstantiateWithFlags(out executable, graph, 0);
        }
        catch (EntryPointNotFoundException)
        {
            return GraphInstantiateV2(out executable, graph, 0, 0, 0);
        }
    }

    /// <summary>The driver's name of an error, such as <c>CUDA_ERROR_NO_DEVICE</c>, also for those ILGPU does not know.</summary>
    internal static string NameOf(CudaError error) =>
        GetErrorName(error, out nint name) == CudaError.CUDA_SUCCESS && Marshal.PtrToStringUTF8(name) is { } text
            ? text
            : $"CUDA error {(int)error}";

    [LibraryImport(NativeLibraries.CudaLibrary, EntryPoint = "cuGetErrorName")]
    private static partial CudaError GetErrorName(CudaError error, out nint name);

    [LibraryImport(NativeLibraries.CudaLibrary, EntryPoint = "cuGraphInstantiateWithFlags")]
    private static partial CudaError GraphInstantiateWithFlags(out nint executable, nint graph, ulong flags);

    [LibraryImport(NativeLibraries.CudaLibrary, EntryPoint = "cuGraphInstantiate_v2")]
    private static partial CudaError GraphInstantiateV2(out nint executable, nint graph, nint errorNode, nint log, nuint logLength);
}
