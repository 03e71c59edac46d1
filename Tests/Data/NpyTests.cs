using IlgpuVae.Training.Data;

namespace IlgpuVae.Tests.Data;

public sealed class NpyTests : SourceSuite
{
    private static IEnumerable<TestCaseData> Formats()
    {
        yield return new TestCaseData("<f4", Raw<float>(BitConverter.GetBytes, 1, -2, 0.25f, 4));
        yield return new TestCaseData("<f8", Raw<double>(BitConverter.GetBytes, 1, -2, 0.25, 4));
        yield return new TestCaseData(">f8", Raw<double>(value => [.. BitConverter.GetBytes(value).Reverse()], 1, -2, 0.25, 4));
        yield return new TestCaseData("<f2", Raw<Half>(BitConverter.GetBytes, (Half)1, (Half)(-2), (Half)0.25, (Half)4));
    }

    [TestCaseSource(nameof(Formats))]
    public void Floats_OfEverySizeAndOrder(string descr, byte[] payload) =>
        Assert.That(Read(Write("x.npy", Npy(descr, "(2, 2)", payload))).Values, Is.EqualTo((float[])[1, -2, 0.25f, 4]));

    [TestCase("|i1", 1)]
    [TestCase("<i2", 2)]
    [TestCase("<i4", 4)]
    [TestCase("<i8", 8)]
    public void Integers_BecomeValues(string descr, int size)
    {
        byte[] payload = Raw<long>(value => BitConverter.GetBytes(value)[..size], 5, -7, 100, 0);
        Assert.That(Read(Write("x.npy", Npy(descr, "(2, 2)", payload))).Values, Is.EqualTo((float[])[5, -7, 100, 0]));
    }

    [TestCase((byte)1)]
    [TestCase((byte)2)]
    [TestCase((byte)3)]
    public void Bytes_StayGreyLevels(byte version)
    {
        DataSet set = Read(Write("x.npy", Npy("|u1", "(2, 1, 3)", [9, 8, 7, 6, 5, 4], version: version)));
        Assert.That(set.Bytes, Is.EqualTo((byte[])[9, 8, 7, 6, 5, 4]));
        Assert.That(set.Picture, Is.EqualTo((1, 3)));
        Assert.That((set.Minimum, set.Maximum), Is.EqualTo((4 / 255f, 9 / 255f)));
    }

    [Test]
    public void TruthValues_BecomeBlackAndWhite()
    {
        DataSet set = Read(Write("x.npy", Npy("|b1", "(1, 4)", [0, 1, 1, 0])));
        Assert.That(set.Bytes, Is.EqualTo((byte[])[0, 255, 255, 0]));
        Assert.That(set.Picture, Is.EqualTo((2, 2)));
    }

    [Test]
    public void Gzip_IsUnpackedWhateverTheName() =>
        Assert.That(Read(Write("x.npy", Gzip(Npy("|u1", "(2, 2)", [1, 2, 3, 4])))).Bytes, Is.EqualTo((byte[])[1, 2, 3, 4]));

    [Test]
    public void FortranOrder_IsTurned()
    {
        // Column by column 1 4, 2 5, 3 6; and of two pictures, first axis first, 2 x 3 each.
        byte[] table = Raw<float>(BitConverter.GetBytes, 1, 4, 2, 5, 3, 6);
        Assert.That(Read(Write("x.npy", Npy("<f4", "(2, 3)", table, fortran: "True"))).Values, Is.EqualTo((float[])[1, 2, 3, 4, 5, 6]));
        byte[] pictures = [0, 6, 3, 9, 1, 7, 4, 10, 2, 8, 5, 11];
        DataSet set = Read(Write("y.npy", Npy("|u1", "(2, 2, 3)", pictures, fortran: "True")));
        Assert.That(set.Bytes, Is.EqualTo(Enumerable.Range(0, 12)));
        Assert.That(set.Picture, Is.EqualTo((2, 3)));
    }

    [TestCase("(2, 2, 2, 1)", 2, 4, 2)]
    [TestCase("(2, 1, 2, 2)", 2, 4, 2)]
    [TestCase("(1, 1, 2, 4)", 1, 8, 2)]
    [TestCase("(4, 1, 2, 1)", 4, 2, null)]
    [TestCase("(8, 1, 1, 1)", 8, 1, 1)]
    [TestCase("(2, 1, 4)", 2, 4, 1)]
    [TestCase("(2L, 4L)", 2, 4, 2)]
    public void AxesOfLengthOne_AndPython2sNumbers_AreRead(string shape, int count, int width, int? height)
    {
        DataSet set = Read(Write("x.npy", Npy("|u1", shape, [1, 2, 3, 4, 5, 6, 7, 8])));
        Assert.That((set.Count, set.Width, set.Picture?.Height), Is.EqualTo((count, width, height)));
        Assert.That(set.Bytes, Is.EqualTo((byte[])[1, 2, 3, 4, 5, 6, 7, 8]));
    }

    [TestCase("(4,)", "reshape(1, -1) or array.reshape(-1, 1)")]
    [TestCase("()", "Reshape")]
    [TestCase("(1, 2, 1, 2, 2)", "Reshape")]
    public void Refuses_OtherShapes(string shape, string cure) =>
        AssertRefused(Write("x.npy", Npy("|u1", shape, [1, 2, 3, 4])), null, "x.npy has shape", cure);

    [Test]
    public void Refuses_StructuredArrays()
    {
        byte[] header = [.. "{'descr': [('a', '<f4'), ('b', '<f4')], 'fortran_order': False, 'shape': (2,), }\n"u8];
        string path = Write("x.npy", [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. header, .. new byte[16]]);
        AssertRefused(path, null, "structured array", "structured_to_unstructured");
    }

    [TestCase("(0, 5)", "no examples")]
    [TestCase("(-1, 5)", "no shape of whole numbers")]
    [TestCase("(2147483647, 2147483647, 2147483647)", "claims")]
    [TestCase("(99999999999999999999, 5)", "no shape of whole numbers")]
    [TestCase("(9, 5)", "9 x 5 numbers, 45 bytes after byte 128, but 4 follow")]
    [TestCase("(3, 1)", "3 bytes after byte 128, but 4 follow")]
    public void Refuses_ShapesThatTheFileDoesNotHold(string shape, string problem) =>
        AssertRefused(Write("x.npy", Npy("|u1", shape, [1, 2, 3, 4])), null, "x.npy", problem);

    [TestCase("<c8")]
    [TestCase("|O")]
    [TestCase("<f16")]
    [TestCase("<U3")]
    public void Refuses_OtherTypes(string descr) =>
        AssertRefused(Write("x.npy", Npy(descr, "(2, 2)", new byte[64])), null, "x.npy", "type of number", "astype(numpy.float32)");

    [Test]
    public void Refuses_NotANumber()
    {
        byte[] payload = Raw<double>(BitConverter.GetBytes, 1, 2, 3, double.PositiveInfinity, 5, 6);
        AssertRefused(Write("x.npy", Npy("<f8", "(3, 2)", payload)), null, "x.npy: example 2, number 2", "not a finite float");
        payload = Raw<double>(BitConverter.GetBytes, 1, 2, 1e300, 4, 5, 6);
        AssertRefused(Write("x.npy", Npy("<f8", "(3, 2)", payload)), null, "x.npy: example 2, number 1 is 1E+300");
    }

    [Test]
    public void Refuses_HeadersThatAreNone()
    {
        AssertRefused(Write("x.npy", "PK not numpy at all"), null, "x.npy: bytes 1-6 are 504B206E6F74", "numpy.save");
        AssertRefused(Write("x.npy", [0x93, .. "NUM"u8]), null, "x.npy ends at byte 4");
        AssertRefused(Write("x.npy", [0x93, .. "NUMPY"u8, 9, 1, 0, 0]), null, "x.npy is .npy version 9.1");
        AssertRefused(Write("x.npy", [0x93, .. "NUMPY"u8, 2, 0, 255, 255, 255, 255]), null, "the header claims 4294967295 bytes");
        AssertRefused(Write("x.npy", [0x93, .. "NUMPY"u8, 1, 0, 2, 0, .. "{}"u8]), null, "x.npy: the header {}");
    }
}
