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
    internal static void Run(Accelerator accelerator, AcceleratorStream stream)
    {
        using MemoryBuffer1D<float, Stride1D.Dense> buffer = accelerator.Allocate1D<float>(Length);
        accelerator.LoadKernel<ArrayView<float>>(Write)(stream, new KernelConfig(1, Length), buffer.View.AsContiguous());
        float[] values = new float[Length];
        buffer.View.AsContiguous().CopyToCPU(stream, values);
        stream.Synchronize();
        if (values[Length - 1] != Length - 1)
            throw new NotSupportedException("It runs kernels, and their results are wrong.");
    }

    private static void Write(ArrayView<float> values) => values[Group.IdxX] = Group.IdxX;
}
