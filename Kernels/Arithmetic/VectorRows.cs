using ILGPU;
using ILGPU.Runtime;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>Which lanes and vectors a row kernel gets on a device.</summary>
internal static class VectorRows
{
    /// <summary>Runs the one of a row kernel's launches that fits rows of <paramref name="k"/> elements on <paramref name="device"/>.</summary>
    /// <param name="device">The device.</param>
    /// <param name="k">Elements of a row.</param>
    /// <param name="processor">A lane a row in vector registers: processors on OpenCL.</param>
    /// <param name="lane">A lane a row, an element at a time: the CPU accelerator, short rows on graphics processors.</param>
    /// <param name="fours">A group a row in 128-bit accesses: rows of whole multiples of four, which the arena's alignment puts on 16-byte boundaries.</param>
    /// <param name="group">A group a row, an element a lane.</param>
    internal static void Record(ComputeDevice device, int k, Action processor, Action lane, Action fours, Action group) => Record(device, k, k, processor, lane, fours, group);

    /// <summary>The same for rows of <paramref name="k"/> pieces that are cut into vectors every <paramref name="run"/> elements.</summary>
    internal static void Record(ComputeDevice device, int k, int run, Action processor, Action lane, Action fours, Action group)
    {
        if (LaunchListExtensions.RowVariantFor(device, k) == RowVariant.RowPerLane)
            (OnProcessor(device) ? processor : lane)();
        else
            (run % Vector4.Width == 0 ? fours : group)();
    }

    /// <summary>
    /// Runs the one of an elementwise kernel's launches that fits vectors of <paramref name="n"/> elements in these places on <paramref name="device"/>, or matrices
    /// there with rows of <paramref name="n"/>.
    /// </summary>
    internal static void RecordElements(ComputeDevice device, long n, ReadOnlySpan<ArrayView<float>> places, Action processor, Action fours, Action single)
    {
        bool aligned = n % Vector4.Width == 0;
        foreach (ArrayView<float> place in places)
            aligned &= place.LoadEffectiveAddressAsPtr() % (Vector4.Width * sizeof(float)) == 0;
        (OnProcessor(device) ? processor : device.Style == LaunchStyle.Groups && aligned ? fours : single)();
    }

    /// <summary>Whether rows can be worked on in vector registers: processors on OpenCL.</summary>
    internal static bool OnProcessor(ComputeDevice device) => device is { Style: LaunchStyle.OneLane, Type: AcceleratorType.OpenCL };

    /// <summary>How many vectors a row of <paramref name="k"/> elements takes, the last one perhaps in part.</summary>
    internal static int Count<TVector>(int k)
        where TVector : struct, IVector<TVector> => (k + TVector.Width - 1) / TVector.Width;
}
