using System.Buffers.Binary;
using System.Text;
using IlgpuVae.Model.Checkpoints;
using IlgpuVae.Runtime;

namespace IlgpuVae.Tests.Checkpoints;

[TestFixture]
public sealed class SafeTensorsTests : TemporaryFolder
{
    private static readonly Dictionary<string, string> NoMetadata = [];

    private static NamedTensor[] SomeTensors() =>
    [
        new("decoder.0.weight", [2, 3], [1, -0f, float.Epsilon, BitConverter.UInt32BitsToSingle(0x7F812345), float.NegativeInfinity, 3e9f]),
        new("scale", [], [BitConverter.UInt32BitsToSingle(0xFFC00001)]),
        new("nothing", [0, 5], []),
        new("encoder.0.bias", [3], [0.1f, 1e-40f, -2]),
    ];

    [Test]
    public void Read_ReturnsWhatWasWrittenBitForBit()
    {
        Dictionary<string, string> metadata = new() { ["step"] = "12", ["note"] = "a \"quoted\" café + line\nbreak", [""] = "" };
        SafeTensors.Write(At("a"), SomeTensors(), metadata);
        SafeTensorsFile file = SafeTensors.Read(At("a"));

        Assert.That(file.Metadata, Is.EquivalentTo(metadata));
        AssertSame(file.Tensors, SomeTensors());
    }

    [Test]
    public void Write_GivesTheSameBytesForTheSameInput()
    {
        SafeTensors.Write(At("a"), SomeTensors(), new Dictionary<string, string> { ["x"] = "1", ["b"] = "2" });
        SafeTensors.Write(At("b"), SomeTensors(), new Dictionary<string, string> { ["b"] = "2", ["x"] = "1" });
        Assert.That(File.ReadAllBytes(At("b")), Is.EqualTo(File.ReadAllBytes(At("a"))));
    }

    [Test]
    public void Write_MatchesTheFormatByteForByte()
    {
        SafeTensors.Write(At("a"), [new("w", [1, 2], [1, -2]), new("b", [1], [0.5f])], new Dictionary<string, string> { ["step"] = "7" });
        byte[] actual = File.ReadAllBytes(At("a"));

        const string zeros = "0000000000000000000000000000000000000000000000000000000000000000";
        string json = "{\"__metadata__\":{\"ilgpu_vae.sha256\":\"" + zeros + "\",\"step\":\"7\"},"
            + "\"w\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]}}";
        json = json.PadRight((json.Length + 7) / 8 * 8);
        byte[] data = [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0, 0, 0, 0, 0x3F];
        byte[] expected = [(byte)json.Length, 0, 0, 0, 0, 0, 0, 0, .. Encoding.ASCII.GetBytes(json), .. data];
        string digits = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(expected));
        string text = Encoding.Latin1.GetString(expected).Replace(zeros, digits, StringComparison.Ordinal);
        Assert.That(Encoding.Latin1.GetString(actual), Is.EqualTo(text));
    }

    [Test]
    public void Read_AcceptsAFileLaidOutByHand()
    {
        // Out of order in the header, unpadded, with white space and an unknown field: all of it legal.
        const string json = "{ \"b\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[8,12],\"extra\":1},"
            + "\"h\":{\"dtype\":\"F16\",\"shape\":[1,1],\"data_offsets\":[12,14]}, "
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]}}";
        WriteRaw("a", json, [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0, 0x80, 0x3F, 0, 0xC0, 0, 0x38]);

        SafeTensorsFile file = SafeTensors.Read(At("a"));
        AssertSame(file.Tensors, [new("a", [2, 1], [1, -2]), new("b", [2], [1, -2]), new("h", [1, 1], [0.5f])]);
        Assert.That(file.Metadata, Is.Empty);
    }

    [Test]
    public void Read_RefusesEveryTruncation()
    {
        SafeTensors.Write(At("a"), SomeTensors(), NoMetadata);
        byte[] whole = File.ReadAllBytes(At("a"));
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(At("cut"), whole[..length]);
            AssertRefused("cut", $"cut to {length} bytes");
        }

        File.WriteAllBytes(At("long"), [.. whole, 0]);
        AssertRefused("long", "one byte too many");
    }

    [Test]
    public void Read_NeverReturnsAnythingElseAfterABitFlip()
    {
        Dictionary<string, string> metadata = new() { ["step"] = "12" };
        SafeTensors.Write(At("a"), SomeTensors(), metadata);
        byte[] whole = File.ReadAllBytes(At("a"));
        int headerEnd = 8 + (int)BinaryPrimitives.ReadUInt64LittleEndian(whole);
        int accepted = 0;
        for (int bit = 0; bit < whole.Length * 8; bit++)
        {
            byte[] damaged = [.. whole];
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(At("flip"), damaged);
            try
            {
                SafeTensorsFile file = SafeTensors.Read(At("flip"));
                accepted++;
                Assert.That(bit / 8, Is.LessThan(headerEnd), "a flip in the data was not noticed");
                Assert.That(file.Metadata["step"], Is.EqualTo("12"));
                AssertSame(file.Tensors, SomeTensors());
            }
            catch (InputException)
            {
            }
        }

        // Only the checksum's own key can be hit without being noticed: the file then looks like one from elsewhere.
        Assert.That(accepted, Is.LessThanOrEqualTo(8 * SafeTensors.ChecksumKey.Length));
    }

    [Test]
    public void Write_LeavesTheOldFileWholeWhenItFails()
    {
        SafeTensors.Write(At("a"), SomeTensors(), NoMetadata);
        byte[] before = File.ReadAllBytes(At("a"));

        Assert.That(() => SafeTensors.Write(At("a"), [new("w", [2], [1])], NoMetadata), Throws.ArgumentException);
        Assert.That(
            () => AtomicFile.Write(At("a"), stream =>
            {
                stream.Write([1, 2, 3]);
                throw new IOException("disk full");
            }),
            Throws.InstanceOf<IOException>());

        Assert.That(File.ReadAllBytes(At("a")), Is.EqualTo(before));
        Assert.That(Directory.GetFiles(Folder), Has.Length.EqualTo(1), "the temporary file stays behind");
    }

    [Test]
    public void Write_KeepsTheOldFileUntilTheNewOneIsComplete()
    {
        File.WriteAllText(At("a"), "old");
        AtomicFile.Write(At("a"), stream =>
        {
            stream.Write("new"u8);
            stream.Flush();
            Assert.That(File.ReadAllText(At("a")), Is.EqualTo("old"));
        });
        Assert.That(File.ReadAllText(At("a")), Is.EqualTo("new"));
    }

    [Test]
    public void Write_RefusesNamesThatCannotBeReadBack()
    {
        NamedTensor one = new("w", [1], [1]);
        Assert.That(() => SafeTensors.Write(At("a"), [one, one], NoMetadata), Throws.ArgumentException.With.Message.Contains("'w'"));
        Assert.That(() => SafeTensors.Write(At("a"), [one with { Name = "__metadata__" }], NoMetadata), Throws.ArgumentException);
        Assert.That(
            () => SafeTensors.Write(At("a"), [one], new Dictionary<string, string> { [SafeTensors.ChecksumKey] = "x" }),
            Throws.ArgumentException);
        Assert.That(File.Exists(At("a")), Is.False);
    }

    [Test]
    public void Values_NamesFileTensorShapesAndCure()
    {
        SafeTensors.Write(At("a"), SomeTensors(), NoMetadata);
        SafeTensorsFile file = SafeTensors.Read(At("a"));

        Assert.That(file.Values("encoder.0.bias", [3]), Is.EqualTo([0.1f, 1e-40f, -2]));
        string message = Assert.Throws<InputException>(() => file.Values("decoder.0.weight", [4, 3])).Message;
        Assert.That(message, Does.Contain(At("a")).And.Contain("decoder.0.weight [2, 3]").And.Contain("[4, 3]").And.Contain("options of the run"));
        message = Assert.Throws<InputException>(() => file.Values("encoder.9.bias", [3])).Message;
        Assert.That(message, Does.Contain("encoder.9.bias").And.Contain("scale"));
        Assert.That(Assert.Throws<InputException>(() => file.Text("step")).Message, Does.Contain("step"));
    }

    private static void AssertSame(IReadOnlyList<NamedTensor> actual, IReadOnlyList<NamedTensor> expected)
    {
        Assert.That(actual.Select(tensor => tensor.Name), Is.EquivalentTo(expected.Select(tensor => tensor.Name)));
        foreach (NamedTensor tensor in expected)
        {
            NamedTensor other = actual.Single(candidate => candidate.Name == tensor.Name);
            Assert.That(other.Shape, Is.EqualTo(tensor.Shape));
            Assert.That(
                other.Values.Select(BitConverter.SingleToUInt32Bits),
                Is.EqualTo(tensor.Values.Select(BitConverter.SingleToUInt32Bits)));
        }
    }

    private void AssertRefused(string name, string why) =>
        Assert.That(() => SafeTensors.Read(At(name)), Throws.InstanceOf<InputException>().With.Message.Contains(At(name)), why);

    private void WriteRaw(string name, string json, byte[] data)
    {
        byte[] header = Encoding.UTF8.GetBytes(json);
        byte[] prefix = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, header.Length);
        File.WriteAllBytes(At(name), [.. prefix, .. header, .. data]);
    }
}
