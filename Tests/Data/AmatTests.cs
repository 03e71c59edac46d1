using IlgpuVae.Training.Data;

namespace IlgpuVae.Tests.Data;

public sealed class AmatTests : SourceSuite
{
    [Test]
    public void Folder_TakesTheThreeFiles()
    {
        Write("set_train.amat.gz", Gzip("0 1 1 0\n1 1 1 1 \r\n\n0 0 0 1"));
        Write("set_valid.amat", "1 0 0 0\n");
        Write("set_test.amat", "0 1 0 0\n0 1 0 1\n");
        DataSplits splits = DataSource.Open(Folder, new DataOptions());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(splits.Train.Bytes, Is.EqualTo((byte[])[0, 255, 255, 0, 255, 255, 255, 255, 0, 0, 0, 255]));
            Assert.That(splits.Train.Count, Is.EqualTo(3));
            Assert.That(splits.Train.Picture, Is.EqualTo((2, 2)));
            Assert.That(splits.Valid!.Bytes, Is.EqualTo((byte[])[255, 0, 0, 0]));
            Assert.That(splits.Test!.Count, Is.EqualTo(2));
            Assert.That(splits.Train.Labels, Is.Null);
        }
        AssertRefused(Folder, new DataOptions { ValidFraction = 0.1 }, "own valid split of 1", "Drop --valid-fraction");
    }

    [TestCase("\uFEFF0 1\r\n1 1\r\n")]
    [TestCase("0 1\r1 1\r")]
    public void Marks_AndOtherLineEnds_AreRead(string content) => Assert.That(Read(Write("x.amat", content)).Bytes, Is.EqualTo((byte[])[0, 255, 255, 255]));

    [Test]
    public void Folder_WithoutValidTakesTheSecondFileAsTest()
    {
        Write("train.amat", "0 1\n1 1\n");
        Write("test.amat", "0 0\n");
        DataSplits splits = DataSource.Open(Folder, new DataOptions());
        Assert.That(splits.Valid, Is.Null);
        Assert.That(splits.Test!.Bytes, Is.EqualTo((byte[])[0, 0]));
    }

    [TestCase("0 1 1\n0 2 1\n", "line 2, column 2: expected 0 or 1, found '2'")]
    [TestCase("0 1 1\n0 1 0.5\n", "line 2, column 3: expected 0 or 1, found '0.5'")]
    [TestCase("0 1 1\n\n0 1 10\n", "line 3, column 3: expected 0 or 1, found '10'")]
    [TestCase("0 one 1\n", "line 1, column 2: expected 0 or 1, found 'one'")]
    [TestCase("0 1 1\n0 1\n", "line 2: expected 3 numbers as in the first line, found 2")]
    [TestCase("0 1 1\n0 1 0 1\n", "line 2: expected 3 numbers as in the first line, found 4")]
    [TestCase("0 \u0001 1\n", "line 1, column 2: expected 0 or 1, found byte 01")]
    [TestCase("\n  \n", "holds no examples")]
    public void Refuses_WhatIsNotZeroOrOne(string content, string problem) => AssertRefused(Write("x.amat", content), null, "x.amat", problem);

    [Test]
    public void Refuses_TruncatedGzip()
    {
        Random random = new(5);
        string text = string.Join('\n', Enumerable.Range(0, 2000).Select(_ => $"{random.Next(2)} {random.Next(2)} {random.Next(2)}"));
        byte[] packed = Gzip(text);
        AssertRefused(Write("x.amat.gz", packed[..(packed.Length / 2)]), null, "x.amat.gz", "cut short", "again");
        foreach (int lost in (int[])[1, 4, 8, 9, 20])
            AssertRefused(Write("x.amat.gz", packed[..^lost]), null, "x.amat.gz", "cut short", "again");
        packed[^6] ^= 1;
        AssertRefused(Write("x.amat.gz", packed), null, "x.amat.gz", "damaged", "again");
    }
}
