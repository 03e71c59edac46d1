using ILGPU;
using ILGPU.Runtime;

namespace IlgpuVae.Runtime.Cuda;

/// <summary>
/// A kernel of a few instructions, to see when a device is opened that its driver takes and runs what is compiled for it. A driver that does not is then passed
/// over, not met in the middle of a training.
/// </summary>
internal static class CudaProbe
{
    private const int Length = 32;

    /// <summary>Runs the kernel.</summary>
    /// <exception cref="AcceleratorException">The driver refuses it.</exception>
    internal static void Run(Accelerator accelerator)
    {
        using MemoryBuffer1D<float, Stride1D.Dense> buffer = accelerator.Allocate1D<float>(Length);
        accelerator.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>>(Write)(Length, buffer.View.AsContiguous());
        accelerator.Synchronize();
        if (buffer.GetAsArray1D()[Length - 1] != Length - 1)
            throw new NotSupportedException("It runs kernels, and their results are wrong.");
    }

    private static void Write(Index1D i, ArrayView<float> values) => values[i] = i.X;
}
