using ILGPU;
using ILGPU.Backends;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;
using IlgpuVae.Runtime;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>Compiles kernels to text for devices that are not here, with the settings of <see cref="ComputeDevice"/>.</summary>
public sealed class KernelCompiler : IDisposable
{
    private readonly Dictionary<string, string> ptxTexts = [];
    private Context context;
    private PTXBackend ptx;
    private CLBackend openCl;

    public KernelCompiler() => (context, ptx, openCl) = Open();

    /// <summary>The kernel in PTX, for compute capability 9.0; kept, and written to <see cref="PtxFolder"/> where one is asked for.</summary>
    public string Ptx(KernelEntry kernel)
    {
        if (ptxTexts.TryGetValue(kernel.Name, out string? kept))
            return kept;
        string text = Compile(kernel, () => ptx) is PTXCompiledKernel compiled ? compiled.PTXAssembly : throw new InvalidOperationException("no PTX came out");
        PtxFolder.Write(kernel, text);
        return ptxTexts[kernel.Name] = text;
    }

    /// <summary>The kernel in OpenCL C 3.0.</summary>
    public string OpenClC(KernelEntry kernel) =>
        Compile(kernel, () => openCl) is CLCompiledKernel compiled ? compiled.Source : throw new InvalidOperationException("no OpenCL C came out");

    /// <inheritdoc/>
    public void Dispose()
    {
        ptx.Dispose();
        openCl.Dispose();
        context.Dispose();
    }

    private static (Context Context, PTXBackend Ptx, CLBackend OpenCl) Open()
    {
        Context context = Context.Create(builder => ComputeDevice.SetUpCompiler(builder));

        // Everything a device might offer, double precision too: the tests, not the compiler, say what kernels may use.
        CLCapabilityContext capabilities = new(float16: true, float64: true, genericAddressSpace: true, int64_Atomics: true, subGroups: true);
        return (
            context,
            new PTXBackend(context, new CudaCapabilityContext(CudaArchitecture.SM_90), CudaArchitecture.SM_90, CudaInstructionSet.ISA_88, null),
            new CLBackend(context, capabilities, CLDeviceVendor.Other, new CLCVersion(3, 0)));
    }

    private CompiledKernel Compile(KernelEntry kernel, Func<Backend> backend)
    {
        try
        {
            return backend().Compile(EntryPointDescription.FromExplicitlyGroupedKernel(kernel.Method), kernel.Registers);
        }
        catch
        {
            // After one failure a context fails on everything else too.
            Dispose();
            (context, ptx, openCl) = Open();
            throw;
        }
    }
}
