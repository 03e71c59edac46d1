using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>Which lanes and vectors a row kernel gets on a device.</summary>
internal static class VectorRows
{
    /// <summary>Runs the one of a row kernel's launches that fits rows of <paramref name="k"/> elements on <paramref name="device"/>.</summary>
    /// <param name="device">The device.</param>
    /// <param name="k">Elements of a row.</param>
    /// <param name="sixteen">A lane a row in vector registers, for rows of whole multiples of sixteen: processors.</param>
    /// <param name="lane">A lane a row, an element at a time: other rows on processors, short rows on graphics processors.</param>
    /// <param name="fours">A group a row in 128-bit accesses: rows of whole multiples of four, which the arena's alignment puts on 16-byte boundaries.</param>
    /// <param name="group">A group a row, an element a lane.</param>
    internal static void Record(ComputeDevice device, int k, Action sixteen, Action lane, Action fours, Action group)
    {
        if (LaunchListExtensions.RowVariantFor(device, k) == RowVariant.RowPerLane)
            (device.Style == LaunchStyle.OneLane && k % Vector16.Width == 0 ? sixteen : lane)();
        else
            (k % Vector4.Width == 0 ? fours : group)();
    }
}
