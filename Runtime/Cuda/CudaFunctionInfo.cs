using ILGPU.Runtime.Cuda;

namespace IlgpuVae.Runtime.Cuda;

/// <summary>What the driver's compiler made of a kernel.</summary>
/// <param name="Registers">32-bit registers per thread.</param>
/// <param name="LocalBytes">Local memory per thread: spilled registers and indexed local arrays. Should be 0.</param>
/// <param name="StaticSharedBytes">Shared memory per group, without the part chosen at launch.</param>
/// <param name="MaxThreadsPerGroup">Largest group that these registers allow.</param>
internal readonly record struct CudaFunctionInfo(int Registers, int LocalBytes, int StaticSharedBytes, int MaxThreadsPerGroup)
{
    private const int MaxThreadsAttribute = 0, SharedAttribute = 1, LocalAttribute = 3, RegistersAttribute = 4;

    /// <summary>Asks the driver about a loaded kernel.</summary>
    /// <exception cref="CudaException">The driver does not know the kernel.</exception>
    public static CudaFunctionInfo Of(CudaKernel kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        kernel.Accelerator.Bind();
        return new CudaFunctionInfo(
            Attribute(kernel, RegistersAttribute),
            Attribute(kernel, LocalAttribute),
            Attribute(kernel, SharedAttribute),
            Attribute(kernel, MaxThreadsAttribute));
    }

    private static int Attribute(CudaKernel kernel, int attribute)
    {
        CudaException.ThrowIfFailed(CudaDriver.FuncGetAttribute(out int value, attribute, kernel.FunctionPtr));
        return value;
    }
}
