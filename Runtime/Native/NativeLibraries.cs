using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace IlgpuVae.Runtime;

/// <summary>
/// Finds the native libraries of the accelerators where .NET's own probing does not: it asks for <c>libcuda.so</c> and
/// <c>libOpenCL.so</c>, which only development packages install, while drivers install <c>libcuda.so.1</c> and <c>libOpenCL.so.1</c>.
/// </summary>
internal static class NativeLibraries
{
    internal const string CudaLibrary = "cuda";
    internal const string OpenCL = "OpenCL";

    private static readonly int[] cuBlasVersions = [13, 12, 11];
    private static readonly string[] toolkitVariables = ["CUDA_HOME", "CUDA_PATH"];
    private static int registered;

    /// <summary>
    /// Hooks library resolution for the whole process; further calls do nothing. Call it before the first use of ILGPU, which
    /// decides once per process whether a driver is there.
    /// </summary>
    public static void Register()
    {
        // Not NativeLibrary.SetDllImportResolver: an assembly takes one resolver only, and on WSL ILGPU sets its own.
        if (Interlocked.Exchange(ref registered, 1) == 0)
        {
            AssemblyLoadContext.Default.ResolvingUnmanagedDll +=
                static (assembly, name) => TryLoad(name, out nint library, out _) ? library : 0;
        }
    }

    /// <summary>Loads the newest cuBLAS found among the major versions 13, 12 and 11.</summary>
    public static bool TryLoadCuBlas(out nint handle, out int majorVersion)
    {
        foreach ((nint found, int major) in LoadCuBlas())
        {
            (handle, majorVersion) = (found, major);
            return true;
        }

        (handle, majorVersion) = (0, 0);
        return false;
    }

    /// <summary>
    /// Each installed major version of cuBLAS, newest first, loaded as the sequence is read: the newest need not work, since
    /// cuBLAS 13 refuses a driver of the CUDA 12 generation.
    /// </summary>
    internal static IEnumerable<(nint Handle, int MajorVersion)> LoadCuBlas()
    {
        foreach (int version in cuBlasVersions)
        {
            string file = CuBlasFile("cublas", version);
            if (NativeLibrary.TryLoad(file, out nint handle))
            {
                yield return (handle, version);
                continue;
            }

            foreach (string folder in ToolkitFolders())
            {
                string path = Path.Combine(folder, file);
                if (!File.Exists(path))
                    continue;
                // cuBLAS depends on cublasLt beside it, which the system loader does not look for in this folder.
                NativeLibrary.TryLoad(Path.Combine(folder, CuBlasFile("cublasLt", version)), out _);
                if (NativeLibrary.TryLoad(path, out handle))
                {
                    yield return (handle, version);
                    break;
                }
            }
        }
    }

    /// <summary>Loads a driver library by ILGPU's name for it, from the files that drivers install.</summary>
    internal static bool TryLoad(string name, out nint handle, [NotNullWhen(true)] out string? file)
    {
        foreach (string candidate in FilesOf(name))
        {
            if (NativeLibrary.TryLoad(candidate, out handle))
            {
                file = candidate;
                return true;
            }
        }

        (handle, file) = (0, null);
        return false;
    }

    private static string[] FilesOf(string name) => (name, OperatingSystem.IsWindows()) switch
    {
        (CudaLibrary, true) => ["nvcuda.dll"],
        (CudaLibrary, false) => ["libcuda.so.1", "libcuda.so", "/usr/lib/wsl/lib/libcuda.so.1"],
        (OpenCL, true) => ["OpenCL.dll"],
        (OpenCL, false) => ["libOpenCL.so.1", "libOpenCL.so"],
        _ => [],
    };

    private static string CuBlasFile(string name, int version) =>
        OperatingSystem.IsWindows() ? $"{name}64_{version}.dll" : $"lib{name}.so.{version}";

    private static IEnumerable<string> ToolkitFolders()
    {
        const string unixToolkits = "/usr/local";
        IEnumerable<string> toolkits = toolkitVariables
            .Select(Environment.GetEnvironmentVariable).Where(root => !string.IsNullOrEmpty(root)).Select(root => root!);
        if (Directory.Exists(unixToolkits))
            toolkits = toolkits.Concat(Directory.EnumerateDirectories(unixToolkits, "cuda*").OrderDescending(StringComparer.Ordinal));

        string[] libraryFolders = OperatingSystem.IsWindows() ? ["bin", Path.Combine("bin", "x64")] : ["lib64", "lib"];
        return toolkits.SelectMany(root => libraryFolders.Select(folder => Path.Combine(root, folder)));
    }
}
