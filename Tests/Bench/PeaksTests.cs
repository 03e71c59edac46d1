using IlgpuVae.Bench;
using IlgpuVae.Runtime;

namespace IlgpuVae.Tests.BenchSuites;

/// <summary>Rows against measured peaks: which roof binds, and what cannot be true.</summary>
public sealed class PeaksTests
{
    // 10 bytes a nanosecond copied, 15 streamed, 100 operations a nanosecond, launches of a microsecond.
    private static readonly Peaks Machine = new(CopyGbPerS: 10, StreamGbPerS: 15, GflopPerS: 100, LaunchMs: 0.001);

    [TestCase(10_000_000, 50_000_000, "copy", 50)]
    [TestCase(5_000_000, 100_000_000, "multiply-add", 50)]
    [TestCase(100, 100, "launch", 0.05)]
    public void Roof_IsTheLargestOfItsBounds(long bytes, long flops, string roof, double percent)
    {
        BenchRow row = Machine.Share(Row(bytes, flops, 2), fitsCache: false);
        Assert.That(row.Roof, Is.EqualTo(roof));
        Assert.That(row.PercentOfRoof, Is.EqualTo(percent).Within(1e-9));
    }

    [Test]
    public void CopyBandwidth_BindsNothingThatStaysInACache() =>
        Assert.That(Machine.Share(Row(10_000_000, 50_000_000, 2), fitsCache: true).Roof, Is.EqualTo("multiply-add"));

    [TestCase(10_000_000, 1.0, false, false, TestName = "AtTheCopyBandwidth_IsPossible")]
    [TestCase(15_000_000, 1.0, false, false, TestName = "AtTheBestBandwidth_IsPossible")]
    [TestCase(17_000_000, 1.0, false, true, TestName = "BeyondAllBandwidths_IsAFault")]
    [TestCase(17_000_000, 1.0, true, false, TestName = "BeyondThemInACache_IsPossible")]
    public void Bandwidth(long bytes, double ms, bool fitsCache, bool isFault) =>
        Assert.That(Machine.Fault(Machine.Share(Row(bytes, 1, ms), fitsCache)), isFault ? Is.Not.Null : Is.Null);

    [TestCase(109_000_000, true, false)]
    [TestCase(111_000_000, true, true)]
    [TestCase(111_000_000, false, false)]
    public void MultiplyAdds(long flops, bool plain, bool isFault) =>
        Assert.That(Machine.Fault(Machine.Share(Row(1, flops, 1), fitsCache: true, plain)), isFault ? Is.Not.Null : Is.Null);

    [Test]
    public void LeastTime_IsTheLargerBoundAndALaunch()
    {
        Assert.That(Machine.LeastMs(new KernelCost(10_000_000, 50_000_000)), Is.EqualTo(1.001).Within(1e-12));
        Assert.That(Machine.LeastMs(new KernelCost(1_000_000, 50_000_000)), Is.EqualTo(0.501).Within(1e-12));
    }

    [Test]
    public void Percentiles_AreThoseOfTheSortedValues() =>
        Assert.That(Percentiles.Of([5, 1, 4, 2, 3, 6]), Is.EqualTo(new Percentiles(2, 3, 5)));

    [Test]
    public void Memory_IsPredictedByTheLineThroughTheEnds()
    {
        ScaleLaw law = new("B", "a step", [10, 20, 110], _ => throw new NotSupportedException());
        BenchRow[] rows = [Row(1, 1, 1) with { PeakBytes = 1000 }, Row(1, 1, 2) with { PeakBytes = 1500 }, Row(1, 1, 110) with { PeakBytes = 2000 }];
        Assert.That(ScaleProfile.Memory(law, rows).Select(row => row.ExpectedBytes), Is.EqualTo([1000, 1100, 2000]));
        Assert.That(ScaleProfile.Slope(law, row => row.Ms.P50, rows), Is.EqualTo(Math.Log(55) / Math.Log(5.5)).Within(1e-12));
    }

    [Test]
    public void Laws_TakeEveryValueOnce([Values] bool quick)
    {
        using ComputeDevice device = ComputeDevice.Open("cpu");
        ScaleLaw[] laws = [.. new ScaleProfile(device, quick).Laws()];
        Assert.That(laws, Has.Length.EqualTo(4));
        foreach (ScaleLaw law in laws)
        {
            Assert.That(law.Values, Is.Ordered.And.Unique, law.Quantity);
            Assert.That(law.Values[^1], Is.EqualTo(law.Quantity == "K" ? 65_536 : 100 * law.Values[0]), law.Quantity);
        }
    }

    private static BenchRow Row(long bytes, long flops, double ms) => BenchRow.Of("work", "shape", new KernelCost(bytes, flops), new Percentiles(ms, ms, ms));
}
