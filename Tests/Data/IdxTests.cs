using System.Buffers.Binary;
using IlgpuVae.Training.Data;

namespace IlgpuVae.Tests.Data;

public sealed class IdxTests : SourceSuite
{
    private static byte[] Idx(byte type, int[] dims, params byte[] payload)
    {
        byte[] file = new byte[4 + (4 * dims.Length) + payload.Length];
        file[2] = type;
        file[3] = (byte)dims.Length;
        for (int i = 0; i < dims.Length; i++)
            BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(4 + (4 * i)), dims[i]);
        payload.CopyTo(file, 4 + (4 * dims.Length));
        return file;
    }

    private static byte[] Images(int count, byte first) =>
        Idx(8, [count, 2, 3], [.. Enumerable.Range(0, count * 6).Select(i => (byte)(first + i))]);

    [TestCase("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte", false)]
    [TestCase("train-images.idx3-ubyte", "train-labels.idx1-ubyte", "t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte", false)]
    [TestCase("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz", true)]
    public void Folder_KeepsTrainWholeAndTakesItsOwnTest(string train, string trainLabels, string test, string testLabels, bool gzip)
    {
        byte[] Packed(byte[] content) => gzip ? Gzip(content) : content;
        Write(train, Packed(Images(4, 10)));
        Write(trainLabels, Packed(Idx(8, [4], 3, 1, 4, 1)));
        Write(test, Packed(Images(2, 100)));
        Write(testLabels, Packed(Idx(8, [2], 5, 9)));

        DataSplits splits = DataSource.Open(Folder, new DataOptions());

        using (Assert.EnterMultipleScope())
        {
            Assert.That(splits.Train.Bytes, Is.EqualTo(Enumerable.Range(10, 24)));
            Assert.That(splits.Train.Labels, Is.EqualTo((int[])[3, 1, 4, 1]));
            Assert.That(splits.Train.Picture, Is.EqualTo((2, 3)));
            Assert.That(splits.Train.Name, Is.EqualTo(Path.GetFileName(Folder) + " train"));
            Assert.That(splits.Valid, Is.Null);
            Assert.That(splits.Test!.Bytes, Is.EqualTo(Enumerable.Range(100, 12)));
            Assert.That(splits.Test.Labels, Is.EqualTo((int[])[5, 9]));
        }
    }

    [Test]
    public void Folder_TakesValidFromTheEndWhenAsked()
    {
        Write("train-images-idx3-ubyte", Images(4, 10));
        Write("t10k-images-idx3-ubyte", Images(2, 100));
        DataSplits splits = DataSource.Open(Folder, new DataOptions { ValidFraction = 0.25 });
        Assert.That(splits.Train.Bytes, Is.EqualTo(Enumerable.Range(10, 18)));
        Assert.That(splits.Valid!.Bytes, Is.EqualTo(Enumerable.Range(28, 6)));
        AssertRefused(Folder, new DataOptions { TestFraction = 0.25 }, "own test split of 2", "Drop --test-fraction");
    }

    [Test]
    public void File_TakesFloatsBigEndianAndLabelsBesideIt()
    {
        byte[] payload = new byte[16];
        float[] values = [0.5f, -2f, 3e7f, 1f / 3];
        for (int i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteSingleBigEndian(payload.AsSpan(4 * i), values[i]);
        string images = Write("some-images-idx2-float", Idx(0x0D, [2, 2], payload));
        Write("some-labels-idx1-float", Idx(8, [2], 7, 8));
        DataSet set = Read(images);
        Assert.That(set.Values, Is.EqualTo(values));
        Assert.That(set.Labels, Is.EqualTo((int[])[7, 8]));
        Assert.That(set.Picture, Is.Null);
    }

    [Test]
    public void Labels_OfAnotherPartAreNotTaken()
    {
        string images = Write("part1-images-idx3-ubyte", Images(1, 10));
        Write("part2-labels-idx1-ubyte", Idx(8, [1], 7));
        Assert.That(Read(images).Labels, Is.Null);
    }

    [Test]
    public void BytesOfZeroAndOneAlone_AreTruthValues()
    {
        Assert.That(Read(Write("a-images-idx2-ubyte", Idx(8, [1, 4], 0, 1, 1, 0))).Bytes, Is.EqualTo((byte[])[0, 255, 255, 0]));
        Assert.That(Read(Write("b-images-idx2-ubyte", Idx(8, [1, 4], 0, 1, 2, 0))).Bytes, Is.EqualTo((byte[])[0, 1, 2, 0]));
    }

    [Test]
    public void Refuses_WrongMagic() =>
        AssertRefused(Write("x-idx3-ubyte", 0, 0, 7, 3, 0, 0), null, "x-idx3-ubyte", "bytes 1-4 are 00000703", "download it again");

    [Test]
    public void Refuses_HeaderCutShort() =>
        AssertRefused(Write("x-idx3-ubyte", 0, 0, 8, 3, 0, 0), null, "x-idx3-ubyte ends at byte 6", "Copy or download");

    [TestCase(-1)]
    [TestCase(1)]
    public void Refuses_LengthThatDoesNotMatchTheHeader(int excess)
    {
        byte[] file = Images(4, 0);
        Array.Resize(ref file, file.Length + excess);
        AssertRefused(Write("plain-idx3-ubyte", file), null, "plain-idx3-ubyte", "4 x 2 x 3 numbers, 24 bytes after byte 16", $"{24 + excess} follow", "again");
        AssertRefused(Write("packed-idx3-ubyte.gz", Gzip(file)), null, "packed-idx3-ubyte.gz", "24 bytes after byte 16", "follow", "again");
    }

    [Test]
    public void Refuses_CutOrCorruptedGzip()
    {
        byte[] file = Gzip([.. Images(20, 0), .. new byte[5000]]);
        AssertRefused(Write("cut-idx3-ubyte.gz", file[..(file.Length / 2)]), null, "cut-idx3-ubyte.gz", "again");
        file[15] ^= 0xFF;
        AssertRefused(Write("bad-idx3-ubyte.gz", file), null, "bad-idx3-ubyte.gz", "again");
    }

    [Test]
    public void Refuses_AbsurdCountsWithoutAllocatingThem()
    {
        int huge = int.MaxValue;
        byte[] overflowing = Idx(0x0E, [-1, -1, -1, -1], 1, 2, 3);
        AssertRefused(Write("overflow-idx3-ubyte", overflowing), null, "overflow-idx3-ubyte", "claims", "damaged");

        long before = GC.GetTotalAllocatedBytes(precise: true);
        AssertRefused(Write("large-idx3-ubyte", Idx(8, [600_000_000, 1, 1], 1, 2, 3)), null, "large-idx3-ubyte", "3 follow");
        AssertRefused(Write("large-idx3-ubyte.gz", Gzip(Idx(8, [600_000_000, 1, 1], 1, 2, 3))), null, "large-idx3-ubyte.gz", "3 follow");
        AssertRefused(Write("larger-idx3-ubyte", Idx(8, [huge, 100, 100], 1, 2, 3)), null, "claims 21474836470000 numbers");
        Assert.That(GC.GetTotalAllocatedBytes(precise: true) - before, Is.LessThan(50_000_000));
    }

    [Test]
    public void Refuses_NoExamples() =>
        AssertRefused(Write("x-idx3-ubyte", Idx(8, [0, 28, 28])), null, "x-idx3-ubyte", "0 x 28 x 28", "no examples");

    [Test]
    public void Refuses_LabelsThatDoNotMatch()
    {
        string images = Write("train-images-idx3-ubyte", Images(4, 0));
        Write("train-labels-idx1-ubyte", Idx(8, [3], 1, 2, 3));
        AssertRefused(Folder, null, "train-labels-idx1-ubyte holds 3 labels", "holds 4 examples", "matching labels file");
        Write("train-labels-idx1-ubyte", Images(1, 0));
        AssertRefused(images, null, "train-labels-idx1-ubyte has 3 dimensions");
    }

    [Test]
    public void Refuses_LabelsGivenAsExamples() =>
        AssertRefused(Write("train-labels-idx1-ubyte", Idx(8, [3], 1, 2, 3)), null, "these are labels", "Name the file of images");

    [Test]
    public void Refuses_NumbersThatAreNotFinite()
    {
        byte[] payload = new byte[16];
        BinaryPrimitives.WriteSingleBigEndian(payload.AsSpan(12), float.NaN);
        AssertRefused(Write("x-idx2-ubyte", Idx(0x0D, [2, 2], payload)), null, "x-idx2-ubyte", "example 2, number 2 is NaN", "Replace or drop");
    }

    [Test]
    public void Refuses_SplitsOfDifferentShape()
    {
        Write("train-images-idx3-ubyte", Images(4, 0));
        Write("t10k-images-idx3-ubyte", Idx(8, [1, 3, 2], 1, 2, 3, 4, 5, 6));
        AssertRefused(Folder, null, "t10k-images-idx3-ubyte holds 3 x 2 grey levels", "2 x 3");
    }

    [Test]
    public void Refuses_FolderWithTestImagesOnly()
    {
        Write("t10k-images-idx3-ubyte", Images(4, 0));
        AssertRefused(Folder, null, "no train-images-idx3-ubyte", "Add it");
    }
}
