using ILGPU;
using ILGPU.Runtime;

namespace IlgpuVae.Runtime.Cuda;

/// <summary>
/// A kernel of a few instructions, to see when a device is opened that its driver takes and runs what is compiled for it. A driver that does not is then passed over, not met in the
/// middle of a training.
/// </summary>
internal static class CudaProbe
{
    private const int Length = 32;

    /// <summary>Runs the kernel.</summary>
    /// <exception cref="AcceleratorException">The driver refuses it.</exception>
    internal static void Run(ComputeDevice device)
    {
        using MemoryBuffer1D<float, Stride1D.Dense> buffer = device.Accelerator.Allocate1D<float>(Length);
        LaunchList list = new(device);
        list.Elements("probe", Length, new Body(buffer.View.AsContiguous()), KernelCost.Floats(Length, Length));
        list.Replay();
        if (device.Download(buffer.View.AsContiguous())[Length - 1] != Length - 1)
            throw new NotSupportedException("It runs kernels, and their results are wrong.");
    }

    internal readonly struct Body(ArrayView<float> values) : IElementBody
    {
        public void At(int i) => values[i] = i;
    }
}
