using IlgpuVae.Training.Data;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Tests.Steps;

/// <summary>Which data stream, in which chunks.</summary>
[TestFixture]
public class DataPlacementTests
{
    // 1000 bytes and, told, 1000 more.
    private static readonly DataSet Set = new() { Name = "set", Count = 10, Width = 100, Bytes = new byte[1000] };
    private static readonly DataSet Told = Set with { Context = new DataSet { Name = "told", Count = 10, Width = 25, Values = new float[250] } };

    [Test]
    public void Auto_StreamsBeyondHalfOfTheMemory()
    {
        Assert.That(Name(Streaming.Auto, Set, 0, 2000), Is.EqualTo("resident"));
        Assert.That(Name(Streaming.Auto, Set, 0, 1998), Is.EqualTo("streamed"));
        Assert.That(Name(Streaming.Auto, Set, 1, 2000), Is.EqualTo("streamed"), "other data count");
        Assert.That(Name(Streaming.Auto, Told, 0, 4000), Is.EqualTo("resident"));
        Assert.That(Name(Streaming.Auto, Told, 0, 3998), Is.EqualTo("streamed"), "contexts count");
    }

    [Test]
    public void Wish_IsObeyed()
    {
        Assert.That(Name(Streaming.Always, Set, 0, 1 << 30), Is.EqualTo("streamed"));
        Assert.That(Name(Streaming.Never, Set, 0, 10), Is.EqualTo("resident"));
    }

    [Test]
    public void Chunks_AreASmallPartOfTheMemory()
    {
        Assert.That(DataPlacement.Choose(Streaming.Always, Set, 0, 320).ChunkBytes, Is.EqualTo(10));
        Assert.That(DataPlacement.Choose(Streaming.Always, Set, 0, 1L << 40).ChunkBytes, Is.EqualTo(32 << 20));
    }

    [Test]
    public void Reason_NamesBothSizes() =>
        Assert.That(
            DataPlacement.Choose(Streaming.Auto, Set with { Count = 2000, Width = 1048 }, 0, 3 << 20).Reason,
            Is.EqualTo("auto: 2.0 MiB, and data may take 1.5 MiB, half of the memory"));

    private static string Name(Streaming asked, DataSet data, long used, long limit) => DataPlacement.Choose(asked, data, used, limit).Name;
}
