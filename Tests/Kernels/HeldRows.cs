using System.Runtime.Intrinsics;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>The body that a launch must have for a shape, written down from the table in Kernels/README.md.</summary>
internal static class HeldRows
{
    /// <summary>The body of a kernel over rows of K elements.</summary>
    internal static Type Body(ComputeDevice device, Type kernel, RowShape shape, int k) =>
        typeof(RowBody<,>).MakeGenericType(kernel, device.Style == LaunchStyle.Processor ? OnProcessor(shape, k) : OnGraphics(shape, k));

    /// <summary>The vectors that hold whole rows of up to 4, 8, 12 and 16 elements.</summary>
    internal static Type[] WholeRows { get; } =
    [
        typeof(LooseFour), typeof(Joined<LooseFour, LooseFour>), typeof(Joined<LooseFour, Joined<LooseFour, LooseFour>>),
        typeof(Joined<Joined<LooseFour, LooseFour>, Joined<LooseFour, LooseFour>>),
    ];

    private static Type OnProcessor(RowShape shape, int k)
    {
        Type vector = Vector512.IsHardwareAccelerated ? typeof(OneOf512) : typeof(TwoOf256), ends = k % 16 == 0 ? typeof(WholeVectors) : typeof(PartVectors);
        return shape.Holding switch
        {
            RowHolding.Packed => typeof(PackedRows<>).MakeGenericType(vector),
            RowHolding.Paired => typeof(PairedRows<,>).MakeGenericType(vector, ends),
            _ => typeof(SingleRow<,>).MakeGenericType(vector, ends),
        };
    }

    // A lane's row need not be read in fours: it is short.
    private static Type OnGraphics(RowShape shape, int k)
    {
        if (shape.Holding == RowHolding.LaneOfWarp)
            return typeof(LaneRow<>).MakeGenericType(WholeRows[(k - 1) / 4]);
        Type team = shape.Holding switch
        {
            RowHolding.Lane => typeof(OneLane),
            RowHolding.QuarterWarp => typeof(QuarterWarp),
            RowHolding.HalfWarp => typeof(HalfWarp),
            RowHolding.Warp => typeof(OneWarp),
            _ => typeof(OneGroup),
        };
        Type vector = shape.Width == 1 ? typeof(Scalar) : k % 4 == 0 && shape.Holding != RowHolding.Lane ? typeof(Vector4) : typeof(LooseFour);
        return typeof(TeamRow<,>).MakeGenericType(team, vector);
    }
}
