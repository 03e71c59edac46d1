using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;

namespace IlgpuVae.Tests.Data;

public sealed class DataSourceTests : SourceSuite
{
    [Test]
    public void Refuses_MissingFileNamingNearOnes()
    {
        Write("abalone.data", "1,2\n");
        AssertRefused(At("abelone.data"), null, "abelone.data does not exist", "Did you mean abalone.data?", "glyphs");
        AssertRefused(At("entirely-different"), null, "does not exist. Give a path");
        AssertRefused(At("no/such/folder.csv"), null, "nor does the folder");
        AssertRefused("glyph", null, "glyph does not exist", "glyphs");
        AssertRefused("", null, "does not exist");
        AssertRefused("a\0b.csv", null, "cannot be read", "Check the name");
    }

    [Test]
    public void Refuses_FolderWithoutDataNamingWhatItCouldBe()
    {
        AssertRefused(Folder, null, Folder, "no IDX images", "Name a folder or file");
        Write("abalone.data", "1,2\n");
        AssertRefused(Folder, null, "Name one of its files", "abalone.data");
    }

    [Test]
    public void Refuses_AmbiguousFolder()
    {
        Write("x_train.csv", "1,2\n");
        Write("y_train.csv", "1,2\n");
        AssertRefused(Folder, null, "2 train files: x_train.csv, y_train.csv", "Name the one file");
    }

    [Test]
    public void PlainAndGzipSideBySide_AreOneFile()
    {
        Write("x_train.csv", "1,2\n");
        Write("x_train.csv.gz", Gzip("1,2\n"));
        Assert.That(DataSource.Open(Folder, Whole).Train.Count, Is.EqualTo(1));
    }

    [Test]
    public void SplitsOfHuggingFace_AreFoundByTheirNames()
    {
        Write("train-00000-of-00001.csv", "1,2\n");
        Write("test-00000-of-00001.csv", "3,4\n");
        DataSplits splits = DataSource.Open(Folder, new DataOptions());
        Assert.That((splits.Train.Values![0], splits.Test!.Values![0]), Is.EqualTo((1f, 3f)));
        Write("train-00001-of-00002.csv", "5,6\n");
        AssertRefused(Folder, null, "2 train files", "train-00001-of-00002.csv");
    }

    [Test]
    public void Refuses_SplitsOfDifferentWidth()
    {
        Write("x_train.csv", "1,2\n");
        Write("x_test.csv", "1,2,3\n");
        AssertRefused(Folder, null, "x_test.csv holds 3 real numbers an example, but x_train.csv holds 2", "same data");
    }

    [TestCase("x.csv")]
    [TestCase("x.amat")]
    [TestCase("x.npy")]
    [TestCase("x.zip")]
    [TestCase("train-images-idx3-ubyte")]
    [TestCase("x.unknown")]
    public void Refuses_EmptyFile(string name) => AssertRefused(Write(name, []), null, name, "is empty", "again");

    [TestCase("x.png", "one picture")]
    [TestCase("x.npz", "damaged or cut short")]
    [TestCase("x.parquet", "cannot be read as Parquet")]
    [TestCase("x.feather", "no kind that is understood")]
    public void Refuses_OtherKinds(string name, string problem) => AssertRefused(Write(name, "something"), null, name, problem);

    [Test]
    public void Kind_IsFoundByContentWhereTheNameSaysNothing() =>
        Assert.That(Read(Write("data.bin", 0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 2, 7, 9)).Bytes, Is.EqualTo((byte[])[7, 9]));

    [Test]
    public void Refuses_OptionsThatDoNotApply()
    {
        string table = Write("x.csv", "1,2\n3,4\n");
        string levels = Write("x.amat", "0 1 1 0 1\n");
        AssertRefused(table, new DataOptions { Invert = true }, "real numbers", "Drop them");
        AssertRefused(table, new DataOptions { Resize = "8" }, "real numbers", "Drop them");
        AssertRefused(levels, new DataOptions { Columns = "1" }, "x.amat is not a table", "Drop them");
        AssertRefused(levels, new DataOptions { Scale = 2 }, "divided by 255 already", "Drop");
        AssertRefused(levels, Whole with { Resize = "8" }, "--resize cannot work", "--picture");
        AssertRefused(table, new DataOptions { Scale = 2, Standardise = true }, "Drop one");
        AssertRefused(levels, new DataOptions { Array = "x" }, "x.amat is no bundle of arrays", "--array", "Drop it");
        AssertRefused(table, new DataOptions { Array = "x" }, "x.csv is no bundle of arrays", "--array", "Drop it");
        AssertRefused("glyphs", new DataOptions { Array = "x" }, "glyphs");
        AssertRefused(table, new DataOptions { Scale = 0 }, "--scale 0 is not a positive number");
    }

    [Test]
    public void Invert_AndResize_WorkOnAnyGreyLevels()
    {
        DataSet set = Read(Write("x.amat", "1 1 0 0 1 1 0 0 0 0 0 0 0 0 0 0\n"), new DataOptions { Invert = true, Resize = "2" });
        Assert.That(set.Bytes, Is.EqualTo((byte[])[0, 255, 255, 255]));
        Assert.That(set.Picture, Is.EqualTo((2, 2)));
    }

    [Test]
    public void Refuses_FileThatMayNotBeRead()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("Windows has no file modes.");
            return;
        }
        string path = Write("x.csv", "1,2\n");
        File.SetUnixFileMode(path, UnixFileMode.None);
        try
        {
            using FileStream _ = File.OpenRead(path);
            Assert.Ignore("This user may read everything, whatever the file's mode.");
        }
        catch (UnauthorizedAccessException)
        {
            AssertRefused(path, null, "x.csv may not be read", "Change its permissions");
        }
    }

    [Test]
    public void SystemErrors_BecomeInputErrors()
    {
        InputException Guarded(Exception error) => Assert.Throws<InputException>(() => SourceFile.OrRefuse<int>("x.csv", () => throw error))!;
        Assert.That(Guarded(new UnauthorizedAccessException("no")).Message, Does.Contain("x.csv may not be read (no). Change its permissions"));
        Assert.That(Guarded(new IOException("disk gone")).Message, Does.Contain("x.csv cannot be read (disk gone)"));
        Assert.That(Guarded(new InsufficientMemoryException()).Message, Does.Contain("x.csv does not fit in host memory"));
        Assert.That(Guarded(new InvalidDataException("bad block")).Message, Does.Contain("x.csv: the compressed data are damaged"));
    }

    [Test]
    public void RandomDamage_NeverEscapesAsAnotherException()
    {
        byte[] npy = [0x93, .. "NUMPY"u8, 1, 0, 60, 0, .. "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }\n\n"u8, .. new byte[24]];
        byte[] idx = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8];
        (string Name, byte[] Content)[] files =
        [
            ("x.npy", npy), ("x.npy.gz", Gzip(npy)), ("x-images-idx3-ubyte", idx), ("x-images-idx3-ubyte.gz", Gzip(idx)),
            ("x.csv", "a,b\n1,2\n\"3\",4\n"u8.ToArray()), ("x.amat", "0 1\n1 0\n"u8.ToArray()), ("x.bin", idx),
        ];
        Random random = new(11);
        int refused = 0, read = 0;
        for (int round = 0; round < 300; round++)
        {
            foreach ((string name, byte[] content) in files)
            {
                byte[] damaged = [.. content];
                for (int i = random.Next(1, 4); i > 0; i--)
                    damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
                if (random.Next(4) == 0)
                    damaged = damaged[..random.Next(damaged.Length)];
                string path = Write(name, damaged);
                try
                {
                    _ = DataSource.Open(path, new DataOptions());
                    read++;
                }
                catch (InputException)
                {
                    refused++;
                }
            }
        }
        // Damage to a header must mostly be found; damage to levels cannot be.
        Assert.That(refused, Is.GreaterThan(1000));
        Assert.That(read, Is.GreaterThan(100));
    }
}
