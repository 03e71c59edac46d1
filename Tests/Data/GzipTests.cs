namespace IlgpuVae.Tests.Data;

public sealed class GzipTests : SourceSuite
{
    private static readonly byte[] BgzipEnd = Convert.FromHexString("1F8B08040000000000FF0600424302001B0003000000000000000000");

    // A member as bgzip writes it: its own length less 1 in the header.
    private static byte[] Bgzip(string content)
    {
        byte[] plain = Gzip(content);
        int size = plain.Length + 8 - 1;
        return [0x1F, 0x8B, 8, 4, 0, 0, 0, 0, 0, 0xFF, 6, 0, (byte)'B', (byte)'C', 2, 0, (byte)size, (byte)(size >> 8), .. plain[10..]];
    }

    [Test]
    public void Members_AreReadOneBehindTheOther()
    {
        Assert.That(Read(Write("x.csv.gz", [.. Gzip("1,2\n3,"), .. Gzip(""), .. Gzip("4\n5,6\n")])).Values, Is.EqualTo((float[])[1, 2, 3, 4, 5, 6]));
        Assert.That(Read(Write("y.csv.gz", [.. Bgzip("1,2\n"), .. Bgzip("3,4\n"), .. BgzipEnd])).Values, Is.EqualTo((float[])[1, 2, 3, 4]));
    }

    [Test]
    public void LargeFiles_ComeOutByteForByte()
    {
        byte[] levels = new byte[1_000_003 * 2];
        new Random(3).NextBytes(levels);
        byte[] npy = Npy("|u1", "(1000003, 2)", levels);
        Assert.That(Read(Write("x.npy.gz", [.. Gzip(npy[..700_001]), .. Gzip(npy[700_001..])])).Bytes!.AsSpan().SequenceEqual(levels));
    }

    [Test]
    public void Refuses_AnyCutWithinAMember()
    {
        byte[] first = Gzip("1,2\n3,4\n"), second = Gzip("5,6\n7,8\n");
        byte[] both = [.. first, .. second];
        // A cut right between two members leaves a whole file, which nobody can tell from one that was meant.
        foreach (int length in Enumerable.Range(2, both.Length - 2).Where(length => length != first.Length))
            AssertRefused(Write("x.csv.gz", both[..length]), null, "x.csv.gz", "again");
    }

    [Test]
    public void Refuses_BgzipWithoutItsEnd() =>
        AssertRefused(Write("x.csv.gz", [.. Bgzip("1,2\n"), .. Bgzip("3,4\n")]), null, "cut short", "bgzip", "again");

    [Test]
    public void Refuses_SomethingElseBehind() =>
        AssertRefused(Write("x.csv.gz", [.. Gzip("1,2\n"), .. "something"u8]), null, "x.csv.gz", "not gzip", "again");
}
