using IlgpuVae.Runtime;

namespace IlgpuVae.Tests;

/// <summary>The reductions of whole, halved and quartered warps: on CUDA where it is, and on simulated warps everywhere.</summary>
public sealed class WarpTeamTests
{
    private ComputeDevice? device;

    [OneTimeSetUp]
    public void OpenDevice() => device = WarpDevice.Open();

    [OneTimeTearDown]
    public void CloseDevice() => device?.Dispose();

    [Test]
    public void Reductions_MatchTheHost([Values(1, 7, 16, 17, 64, 65, 257)] int columns, [Values(4, 12)] int rows) => Assert.Multiple(() =>
    {
        TeamTests.Verify<OneWarp>(device!, rows, columns);
        TeamTests.Verify<HalfWarp>(device!, rows, columns);
        TeamTests.Verify<QuarterWarp>(device!, rows, columns);
    });

    [Test]
    public void RowsThatLeaveAWarpInPart_AreRefused()
    {
        Assert.That(() => TeamTests.Verify<HalfWarp>(device!, rows: 3, columns: 5), Throws.ArgumentException);
        Assert.That(() => TeamTests.Verify<QuarterWarp>(device!, rows: 6, columns: 5), Throws.ArgumentException);
    }
}
