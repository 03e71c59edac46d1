using IlgpuVae.Training.Data;
using SkiaSharp;

namespace IlgpuVae.Tests.Data;

public sealed class PngTests : SourceSuite
{
    private static byte[] Png(int height, int width, Func<int, int, SKColor> colour)
    {
        using SKBitmap bitmap = new(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
                bitmap.SetPixel(x, y, colour(y, x));
        }
        using SKData data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    private static byte[] Grey(byte level, int height = 2, int width = 3) => Png(height, width, (_, _) => new SKColor(level, level, level));

    [Test]
    public void Folder_IsReadInOrdinalOrderWithFoldersAsClasses()
    {
        Write("b/2.png", Grey(30));
        Write("a/10.PNG", Grey(10));
        Write("a/9.png", Grey(20));
        Write("B/c/1.png", Grey(0));
        Write("a/.hidden.png", Grey(99));
        Write("a/notes.md", "not a picture");
        Write("__MACOSX/a/9.png", "not a picture either");
        DataSet set = Read(Folder);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(set.LabelNames, Is.EqualTo((string[])["B/c", "a", "b"]));
            Assert.That(set.Labels, Is.EqualTo((int[])[0, 1, 1, 2]));
            Assert.That(Enumerable.Range(0, 4).Select(i => set.Bytes![6 * i]), Is.EqualTo((byte[])[0, 10, 20, 30]));
            Assert.That(set.Picture, Is.EqualTo((2, 3)));
        }
    }

    [TestCase("a.jpg")]
    [TestCase("cats/a.JPEG")]
    [TestCase("a.webp")]
    public void OtherPictures_AreRefusedByNameWhereNoPngIs(string name)
    {
        Write(name, 1);
        Write("notes.md", "not a picture");
        Write(".hidden.jpg", 1);
        AssertRefused(Folder, Whole, $"1 picture and no PNG, which is what is read, such as {name}", "Convert");
        File.Delete(At(name));
        AssertRefused(Folder, Whole, "no PNGs");
        AssertRefused(Zip("x.zip", (name, [1])), Whole, $"such as {name}", "Convert");
    }

    [Test]
    public void OtherPictures_BesidePngsAreCounted()
    {
        Write("a/1.png", Grey(10));
        Write("a/3.jpg", 1);
        Write("a/2.jpg", 1);
        Assert.That(Read(Folder).Remark, Does.Contain("2 pictures that are no PNG left out, such as a/2.jpg"));
        Assert.That(Read(Zip("x.zip", ("1.png", Grey(1)), ("2.gif", [1]))).Remark, Does.Contain("1 picture that is no PNG left out, such as 2.gif"));
        File.Delete(At("a/3.jpg"));
        File.Delete(At("a/2.jpg"));
        File.Delete(At("x.zip"));
        Assert.That(Read(Folder).Remark, Is.Null);
    }

    [Test]
    public void Zip_GivesWhatTheFolderGives()
    {
        string zip = Zip("x.zip", ("b/2.png", Grey(30)), ("a\\1.png", Grey(10)), ("__MACOSX/a/._1.png", [1]), (".b/3.png", [1]), ("b/", []), ("readme", [1]));
        DataSet set = Read(zip, new DataOptions { Invert = true });
        Assert.That(set.Labels, Is.EqualTo((int[])[0, 1]));
        Assert.That((set.Bytes![0], set.Bytes[6]), Is.EqualTo((245, 225)));
    }

    [Test]
    public void FoldersNamedForSplits_AreSplits()
    {
        string zip = Zip("x.zip", ("set/train/7/1.png", Grey(1)), ("set/train/5/2.png", Grey(2)), ("set/Test/7/3.png", Grey(3)), ("set/val/9/4.png", Grey(4)));
        DataSplits splits = DataSource.Open(zip, new DataOptions());
        using (Assert.EnterMultipleScope())
        {
            Assert.That((splits.Train.Bytes![0], splits.Train.Bytes[6], splits.Valid!.Bytes![0], splits.Test!.Bytes![0]), Is.EqualTo((2, 1, 4, 3)));
            Assert.That(splits.Train.LabelNames, Is.EqualTo((string[])["5", "7", "9"]));
            Assert.That((splits.Train.Labels![1], splits.Valid.Labels![0], splits.Test.Labels![0]), Is.EqualTo((1, 2, 1)));
        }
        DataSplits beside = DataSource.Open(Zip("y.zip", ("train/1.png", Grey(1)), ("test/2.png", Grey(2)), ("extra/3.png", Grey(3))), Whole);
        Assert.That(beside.Train.LabelNames, Is.EqualTo((string[])["extra", "test", "train"]));
    }

    [Test]
    public void TrainingAndTesting_AreSplitsAndNumbersAreClassesInTheirOrder()
    {
        int[] classes = [10, 2, 1];
        string zip = Zip(
            "x.zip", [.. classes.SelectMany(i => new[] { ($"training/{i}/a.png", Grey((byte)i)), ($"testing/{i}/a.png", Grey((byte)i)) })]);
        DataSplits splits = DataSource.Open(zip, Whole with { TestFraction = null });
        Assert.That(splits.Train.LabelNames, Is.EqualTo((string[])["1", "2", "10"]));
        DataSet test = splits.Test!;
        string[] named = [.. test.Labels!.Select(label => test.LabelNames![label])];
        Assert.That(named, Is.EquivalentTo((string[])["1", "2", "10"]));
        Assert.That(named, Is.EqualTo(Enumerable.Range(0, test.Count).Select(i => $"{test.Bytes![6 * i]}")), "the level is the class");
        Assert.That(Read(Zip("y.zip", ("b/1.png", Grey(1)), ("10/1.png", Grey(2)), ("9/1.png", Grey(3)))).LabelNames, Is.EqualTo((string[])["9", "10", "b"]));
    }

    [Test]
    public void Refuses_EntriesThatAreEncryptedOrPackedOtherwise()
    {
        string zip = Zip("x.zip", ("a/1.png", Grey(1)));
        byte[] bytes = File.ReadAllBytes(zip);
        int record = bytes.AsSpan().IndexOf("PK\u0001\u0002"u8);
        AssertRefused(Write("y.zip", Set(bytes, (6, 1), (record + 8, 1))), null, "y.zip, entry a/1.png is encrypted", "password");
        AssertRefused(Write("z.zip", Set(bytes, (8, 14), (record + 10, 14))), null, "z.zip, entry a/1.png is packed with LZMA", "Unpack");
        AssertRefused(Write("w.zip", Set(bytes, (8, 77), (record + 10, 77))), null, "packed with method 77", "Unpack");

        static byte[] Set(byte[] bytes, params (int Place, byte Value)[] changes)
        {
            bytes = [.. bytes];
            foreach ((int place, byte value) in changes)
                bytes[place] = value;
            return bytes;
        }
    }

    [Test]
    public void OneFolder_HasNoLabels()
    {
        Write("a/1.png", Grey(1));
        Write("a/2.png", Grey(2));
        Assert.That(Read(Folder).Labels, Is.Null);
    }

    [Test]
    public void Colours_BecomeGreyByLuma()
    {
        SKColor[] colours = [SKColors.Red, SKColors.Lime, SKColors.Blue, new SKColor(0, 0, 0, 0), new SKColor(100, 100, 100, 255)];
        Write("1.png", Png(1, 5, (_, x) => colours[x]));
        Assert.That(Read(Folder).Bytes, Is.EqualTo((byte[])[76, 150, 29, 255, 100]));
    }

    [Test]
    public void Resize_AveragesOverArea()
    {
        Write("1.png", Png(4, 4, (y, x) => { byte v = (byte)((y * 40) + (x * 8)); return new SKColor(v, v, v); }));
        Write("2.png", Grey(77, 7, 5));
        DataSet set = Read(Folder, new DataOptions { Resize = "2x1" });
        Assert.That(set.Picture, Is.EqualTo((2, 1)));
        Assert.That(set.Bytes, Is.EqualTo((byte[])[32, 112, 77, 77]));
    }

    [Test]
    public void Resize_MatchesFractionalOverlapsInFloat64()
    {
        Random random = new(3);
        byte[] source = new byte[7 * 11];
        random.NextBytes(source);
        byte[] target = new byte[5 * 4];
        AreaResize.Apply(source, (7, 11), target, (5, 4));
        for (int y = 0; y < 5; y++)
        {
            for (int x = 0; x < 4; x++)
            {
                double sum = 0;
                for (int j = 0; j < 7; j++)
                {
                    for (int i = 0; i < 11; i++)
                        sum += Overlap(y * 7 / 5.0, (y + 1) * 7 / 5.0, j) * Overlap(x * 11 / 4.0, (x + 1) * 11 / 4.0, i) * source[(j * 11) + i];
                }
                Assert.That((double)target[(y * 4) + x], Is.EqualTo(sum / (7 / 5.0 * 11 / 4.0)).Within(0.5 + 1e-9));
            }
        }

        static double Overlap(double from, double to, int pixel) => Math.Max(0, Math.Min(to, pixel + 1) - Math.Max(from, pixel));
    }

    [Test]
    public void Refuses_DifferentSizesWithoutResize()
    {
        Write("a.png", Grey(1));
        Write("b.png", Grey(1, 3, 3));
        AssertRefused(Folder, null, "b.png is 3 x 3", "a.png is 3 x 2", "--resize 28");
    }

    [Test]
    public void Refuses_DamagedPictures()
    {
        byte[] whole = Png(40, 40, (y, x) => new SKColor((byte)(y * x), (byte)(y ^ x), (byte)x));
        Write("a.png", whole);
        Write("b.png", whole[..(whole.Length / 2)]);
        AssertRefused(Folder, null, "b.png is cut short or damaged", "again");
        Write("b.png", "GIF89a and so on");
        AssertRefused(Folder, null, "b.png is not a PNG", "Convert it");
        Write("b.png", []);
        AssertRefused(Folder, null, "b.png is not a PNG");
    }

    [Test]
    public void Refuses_HeaderOfAbsurdSizeWithoutAllocatingIt()
    {
        byte[] png = Grey(1);
        (png[16], png[20]) = (0x40, 0x40);
        // The header's checksum covers the size.
        uint crc = Crc(png.AsSpan(12, 17));
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), crc);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        AssertRefused(Zip("x.zip", ("a/bomb.png", png)), null, "entry a/bomb.png");
        Assert.That(GC.GetTotalAllocatedBytes(precise: true) - before, Is.LessThan(50_000_000));
    }

    [Test]
    public void Refuses_EntryThatUnpacksWithoutEnd() =>
        AssertRefused(Zip("x.zip", ("a.png", new byte[70_000_000])), null, "entry a.png unpacks to more than 64 MiB", "Remove it");

    [Test]
    public void Refuses_ZipThatIsNone()
    {
        AssertRefused(Write("x.zip", "PK but no zip"), null, "x.zip", "damaged or cut short", "again");
        AssertRefused(Zip("y.zip", ("readme.txt", [1, 2])), null, "y.zip holds no PNG; its first entry is readme.txt", "unpack");
        string zip = Zip("z.zip", ("a.png", Grey(1, 50, 50)));
        byte[] bytes = File.ReadAllBytes(zip);
        bytes[45] ^= 0x55;
        bytes[50] ^= 0x55;
        AssertRefused(Write("z.zip", bytes), null, "z.zip, entry a.png");
    }

    [TestCase("0")]
    [TestCase("28x")]
    [TestCase("28x28x3")]
    [TestCase("-5")]
    [TestCase("99999")]
    [TestCase("")]
    public void Refuses_SizesThatAreNone(string size) =>
        AssertRefused(Folder, new DataOptions { Resize = size }, $"--resize {size} is not a picture size", "such as 28");

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        uint crc = ~0u;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int i = 0; i < 8; i++)
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320u);
        }
        return ~crc;
    }
}
