using IlgpuVae.Runtime;

namespace IlgpuVae.Bench;

/// <summary>How large the shapes of a profile are on a device.</summary>
/// <param name="Elements">About how many numbers a large matrix has.</param>
/// <param name="PassRows">R of the categorical pass over 64 categories that is compared with the peers.</param>
/// <param name="ProductSide">Side of the square matrix product.</param>
/// <param name="LargeSide">Side of the large one, 0 for none.</param>
/// <param name="Huge">Numbers of the largest arrays, 0 for none.</param>
internal sealed record ProfileSize(int Elements, int PassRows, int ProductSide, int LargeSide, int Huge)
{
    /// <summary>The shapes of a processor's profile, and of counted work: counts of larger ones say nothing more and would take hours.</summary>
    internal static ProfileSize Counted { get; } = new(1 << 21, 1 << 18, 1024, 0, 0);

    /// <summary>The shapes for <paramref name="device"/>; small ones where groups are simulated.</summary>
    internal static ProfileSize Of(ComputeDevice device) => device.Kind() switch
    {
        DeviceKind.Simulated => new(1 << 14, 1 << 10, 128, 0, 0),
        DeviceKind.Processor => Counted,
        _ => new(1 << 24, 1 << 18, 1024, 4096, 100_000_000),
    };
}
