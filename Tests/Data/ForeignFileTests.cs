using System.Text;

namespace IlgpuVae.Tests.Data;

public sealed class ForeignFileTests : SourceSuite
{
    private const string Pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";

    private static IEnumerable<TestCaseData> Kinds()
    {
        string[] names = ["x.csv", "x.npy", "x.npz", "x.parquet", "x.amat", "x.zip", "train-images-idx3-ubyte", "x.bin", "x.csv.gz"];
        foreach (string name in names)
        {
            yield return new TestCaseData(name, Pointer, "pointer that Git LFS", "git lfs pull");
            yield return new TestCaseData(name, "\n<!DOCTYPE html>\n<html><body>Sign in</body></html>", "web page (HTML)", "download");
        }
    }

    [TestCaseSource(nameof(Kinds))]
    public void Refuses_PointersAndPagesInThePlaceOfAnyFile(string name, string content, string what, string cure)
    {
        AssertRefused(Write(name, content), null, name, what, cure);
        AssertRefused(Write(name, Gzip(content)), null, name, what, cure);
    }

    [Test]
    public void Refuses_PointersInThePlaceOfPictures()
    {
        Write("a/1.png", Pointer);
        AssertRefused(Folder, null, "1.png", "Git LFS", "git lfs pull");
        AssertRefused(Zip("x.zip", ("1.png", Encoding.UTF8.GetBytes(Pointer))), null, "entry 1.png", "Git LFS");
    }

    [TestCase("{\"a\": 1}", "JSON", ".csv")]
    [TestCase("[[1, 2], [3, 4]]", "JSON", ".csv")]
    [TestCase("@relation iris\n@data\n1,2\n", "ARFF", "@data")]
    [TestCase("<?xml version=\"1.0\"?>", "XML", ".csv")]
    [TestCase("%PDF-1.7", "PDF", ".csv")]
    [TestCase("SQLite format 3\0", "SQLite", ".csv")]
    [TestCase("MATLAB 5.0 MAT-file, Platform", "MATLAB", "scipy.io.loadmat")]
    [TestCase("ARROW1\0\0", "Arrow", ".parquet")]
    [TestCase("BZh91AY", "bzip2", "Unpack")]
    [TestCase("Rar!\u001a", "RAR", "Unpack")]
    public void Refuses_OtherKindsByContent(string content, string what, string cure) => AssertRefused(Write("x.csv", content), null, "x.csv is", what, cure);

    [Test]
    public void Refuses_OtherKindsOfBytes()
    {
        AssertRefused(Write("x.csv", 0x89, (byte)'H', (byte)'D', (byte)'F', 13, 10, 26, 10), null, "HDF5", "numpy.save");
        AssertRefused(Write("x.npy", 0x80, 4, 0x95, 0), null, "pickle", "numpy.save");
        AssertRefused(Write("x.csv", 0xD0, 0xCF, 0x11, 0xE0), null, ".xls of Excel", ".csv");
        AssertRefused(Zip("x.xlsx", ("[Content_Types].xml", [1]), ("xl/workbook.xml", [1])), null, "x.xlsx is an Excel workbook", ".csv");
        AssertRefused(Write("x.csv", Encoding.Unicode.GetBytes("1,2\n3,4\n")), null, "UTF-16", "Save it as UTF-8");
        byte[] tar = new byte[512];
        "ustar"u8.CopyTo(tar.AsSpan(257));
        AssertRefused(Write("x.tar.gz", Gzip(tar)), null, "tar archive", "Unpack");
    }

    [Test]
    public void TextThatSaysThatItIsUtf16_IsRead()
    {
        Encoding[] wide = [Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.UTF32];
        foreach (Encoding encoding in wide)
            Assert.That(Read(Write("x.csv", [.. encoding.GetPreamble(), .. encoding.GetBytes("a\tb\r\n1\t2\r\n")])).Values, Is.EqualTo((float[])[1, 2]));
    }
}
