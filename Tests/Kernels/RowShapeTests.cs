using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>What <see cref="RowShape"/> chooses for a device and a width; <see cref="RowKernelSuite"/> sees that it is what runs.</summary>
internal class RowShapeTests(Target target) : AcceleratorSuite(target)
{
    private static readonly int[] Widths = [2, 3, 4, 8, 10, 16, 17, 64, 100, 256, 257, 1024];

    /// <summary>Powers of two up to eight share a vector, unless a matrix has them apart; then pairs, while two rows stay in the first-level cache.</summary>
    [Test]
    public void Processor_PacksPairsOrTakesRowsSingly([ValueSource(nameof(Widths))] int k, [Values(12, 13)] int rows, [Values] bool draws)
    {
        using ComputeDevice processor = ComputeDevice.Open("cpu", threads: 1);
        RowTraits traits = draws ? RowTraits.Draws : RowTraits.None;
        RowHolding expected = k switch { 2 or 4 or 8 => RowHolding.Packed, <= 256 => RowHolding.Paired, _ => RowHolding.Single };
        Assert.That(RowShape.For(processor, rows, k, traits), Is.EqualTo(new RowShape(expected, 16)));
        RowHolding apart = k <= 256 ? RowHolding.Paired : RowHolding.Single;
        Assert.That(RowShape.For(processor, rows, k, traits | RowTraits.Apart), Is.EqualTo(new RowShape(apart, 16)));
    }

    /// <summary>
    /// Without warps a lane has rows of up to 16, and a group longer ones; kernels that draw take four elements at a time, others where all rows are whole
    /// fours.
    /// </summary>
    [Test]
    public void Groups_TakeLongRows([ValueSource(nameof(Widths))] int k, [Values(12, 13)] int rows, [Values] bool apart)
    {
        using ComputeDevice groups = ComputeDevice.Open("cpu", LaunchStyle.Groups);
        RowTraits traits = apart ? RowTraits.Apart : RowTraits.None;
        RowHolding holding = k <= 16 ? RowHolding.Lane : RowHolding.Group;
        Assert.That(RowShape.For(groups, rows, k, traits), Is.EqualTo(new RowShape(holding, holding == RowHolding.Group && k % 4 == 0 ? 4 : 1)));
        Assert.That(RowShape.For(groups, rows, k, traits | RowTraits.Draws), Is.EqualTo(new RowShape(holding, 4)));
    }

    /// <summary>
    /// With warps a lane has short rows, and longer ones the smallest part whose lanes hold a row in one vector each, where the rows fill whole warps.
    /// </summary>
    [TestCase(12, 2, RowTraits.None, RowHolding.Lane, 1)]
    [TestCase(12, 3, RowTraits.None, RowHolding.LaneOfWarp, 4)]
    [TestCase(12, 4, RowTraits.Draws, RowHolding.LaneOfWarp, 4)]
    [TestCase(12, 8, RowTraits.None, RowHolding.LaneOfWarp, 8)]
    [TestCase(12, 10, RowTraits.None, RowHolding.LaneOfWarp, 12)]
    [TestCase(13, 10, RowTraits.Draws, RowHolding.LaneOfWarp, 12)]
    [TestCase(13, 16, RowTraits.None, RowHolding.LaneOfWarp, 16)]
    [TestCase(12, 17, RowTraits.None, RowHolding.Warp, 1)]
    [TestCase(12, 32, RowTraits.None, RowHolding.QuarterWarp, 4)]
    [TestCase(6, 32, RowTraits.None, RowHolding.HalfWarp, 4)]
    [TestCase(5, 32, RowTraits.None, RowHolding.Warp, 4)]
    [TestCase(12, 64, RowTraits.None, RowHolding.HalfWarp, 4)]
    [TestCase(12, 64, RowTraits.Apart, RowHolding.HalfWarp, 4)]
    [TestCase(13, 64, RowTraits.None, RowHolding.Warp, 4)]
    [TestCase(12, 100, RowTraits.None, RowHolding.Warp, 4)]
    [TestCase(12, 128, RowTraits.None, RowHolding.Warp, 4)]
    [TestCase(12, 132, RowTraits.None, RowHolding.Group, 4)]
    [TestCase(12, 33, RowTraits.None, RowHolding.Group, 1)]
    [TestCase(12, 257, RowTraits.None, RowHolding.Group, 1)]
    [TestCase(12, 1024, RowTraits.None, RowHolding.Group, 4)]
    [TestCase(12, 2, RowTraits.Draws, RowHolding.Lane, 4)]
    [TestCase(12, 17, RowTraits.Draws, RowHolding.QuarterWarp, 4)]
    [TestCase(13, 17, RowTraits.Draws, RowHolding.Warp, 4)]
    [TestCase(12, 257, RowTraits.Draws, RowHolding.Group, 4)]
    public void Warps_AreFilled(int rows, int k, RowTraits traits, RowHolding holding, int width)
    {
        using ComputeDevice warps = WarpDevice.Open();
        Assert.That(RowShape.For(warps, rows, k, traits), Is.EqualTo(new RowShape(holding, width)));
    }

    /// <summary>A kernel that keeps too many rows for a lane's registers has them from a part of a warp.</summary>
    [TestCase(12, 8, RowHolding.LaneOfWarp, 8)]
    [TestCase(12, 10, RowHolding.HalfWarp, 1)]
    [TestCase(13, 10, RowHolding.Warp, 1)]
    [TestCase(12, 16, RowHolding.QuarterWarp, 4)]
    [TestCase(12, 17, RowHolding.Warp, 1)]
    public void Warps_TakeWhatALaneCannotHold(int rows, int k, RowHolding holding, int width)
    {
        using ComputeDevice warps = WarpDevice.Open();
        Assert.That(RowShape.For(warps, rows, k, RowTraits.Apart, 8), Is.EqualTo(new RowShape(holding, width)));
    }
}
