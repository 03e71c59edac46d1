using System.Buffers.Binary;
using System.Text;
using IlgpuVae.Model.Checkpoints;
using IlgpuVae.Runtime;

namespace IlgpuVae.Tests.Checkpoints;

[TestFixture]
public sealed class HostileHeaderTests : TemporaryFolder
{
    private const string Tensor = "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";

    [TestCase("", "JSON")]
    [TestCase("[]", "not a JSON object")]
    [TestCase("{" + Tensor, "JSON")]
    [TestCase("{" + Tensor + "} x", "JSON")]
    [TestCase("{" + Tensor + "}\0", "JSON")]
    [TestCase("{" + Tensor + "," + Tensor + "}", "JSON")]
    [TestCase("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}," + Tensor + "}", "JSON")]
    [TestCase("{\"__metadata__\":{\"k\":1}," + Tensor + "}", "entry k")]
    [TestCase("{\"__metadata__\":[]," + Tensor + "}", "__metadata__")]
    [TestCase("{\"__metadata__\":{\"\\ud800\":\"1\"}," + Tensor + "}", "Unicode")]
    [TestCase("{\"a\":1}", "entry of a")]
    [TestCase("{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}", "no dtype")]
    [TestCase("{\"a\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]}}", "F64")]
    [TestCase("{\"a\":{\"dtype\":\"X\",\"shape\":[2],\"data_offsets\":[0,8]}}", "only F32")]
    [TestCase("{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}}", "no shape")]
    [TestCase("{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", "no data_offsets")]
    [TestCase("{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}", "-2")]
    [TestCase("{\"a\":{\"dtype\":\"F32\",\"shape\":[2.0],\"data_offsets\":[0,8]}}", "2.0")]
    [TestCase("{\"a\":{\"dtype\":\"F32\",\"shape\":[\"2\"],\"data_offsets\":[0,8]}}", "shape of a")]
    [TestCase("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}}", "pair")]
    [TestCase("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}", "begin at 8")]
    [TestCase("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,99999999999999999999]}}", "99999999999999999999")]
    [TestCase("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,9223372036854775807]}}", "hold 9223372036854775807")]
    [TestCase("{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}", "needs 12 bytes")]
    [TestCase("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", "take 4 bytes but 8")]
    [TestCase("{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}}", "take 16 bytes but 8")]
    [TestCase("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", "begin at 4")]
    [TestCase("{" + Tensor + ",\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", "begin at 4")]
    [TestCase("{" + Tensor + ",\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", "data of b begin at 0")]
    [TestCase("{\"a\":{\"dtype\":\"F32\",\"shape\":[65536,65536],\"data_offsets\":[0,8]}}", "more numbers")]
    [TestCase("{\"a\":{\"dtype\":\"F32\",\"shape\":[2147483647,2147483647,2147483647],\"data_offsets\":[0,8]}}", "more numbers")]
    [TestCase("{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296,0],\"data_offsets\":[0,8]}}", "more numbers")]
    [TestCase("{\"a\":{\"dtype\":\"F32\",\"shape\":[2147483647,2147483647,0],\"data_offsets\":[0,8]}}", "needs 0 bytes")]
    [TestCase("{\"__metadata__\":{\"ilgpu_vae.sha256\":\"short\"}," + Tensor + "}", "checksum")]
    public void Read_RefusesAHeader(string json, string reason)
    {
        Write(Encoding.UTF8.GetBytes(json), (ulong)json.Length);
        string message = Assert.Throws<InputException>(() => SafeTensors.Read(At("a"))).Message;
        Assert.That(message, Does.Contain(reason).And.Contain(At("a")));
    }

    [Test]
    public void Read_KeepsMessagesShort()
    {
        string json = "{\"" + new string('n', 100_000) + "\":1}";
        Write(Encoding.UTF8.GetBytes(json), (ulong)json.Length);
        Assert.That(() => SafeTensors.Read(At("a")), Throws.InstanceOf<InputException>().With.Message.Length.LessThan(1000));
    }

    [Test]
    public void Read_AcceptsTheHeaderTheCasesWereSpoiltFrom()
    {
        Write(Encoding.UTF8.GetBytes("{" + Tensor + "}"), (ulong)Tensor.Length + 2);
        Assert.That(SafeTensors.Read(At("a")).Values("a", [2]), Is.EqualTo([1f, 1f]));
    }

    [TestCase(0ul)]
    [TestCase(100_000_001ul)]
    [TestCase(0x7FFF_FFFF_FFFF_FFFFul)]
    [TestCase(0xFFFF_FFFF_FFFF_FFFFul)]
    public void Read_RefusesAHeaderLength(ulong length)
    {
        Write(Encoding.UTF8.GetBytes("{" + Tensor + "}"), length);
        Assert.That(() => SafeTensors.Read(At("a")), Throws.InstanceOf<InputException>());
    }

    [Test]
    public void Read_RefusesAHeaderThatIsNotUtf8()
    {
        Write([.. "{\"__metadata__\":{\""u8, 0xC3, 0x28, .. "\":\"1\"}}"u8], 26);
        Assert.That(() => SafeTensors.Read(At("a")), Throws.InstanceOf<InputException>().With.Message.Contains("UTF-8"));
    }

    [Test]
    public void Read_NamesAFileThatIsNotThere()
    {
        Assert.That(() => SafeTensors.Read(At("absent")), Throws.InstanceOf<InputException>().With.Message.Contains("absent"));
        Assert.That(() => SafeTensors.Read(Folder), Throws.InstanceOf<InputException>().With.Message.Contains(Folder));
    }

    private void Write(byte[] header, ulong length)
    {
        byte[] prefix = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, length);
        File.WriteAllBytes(At("a"), [.. prefix, .. header, 0, 0, 0x80, 0x3F, 0, 0, 0x80, 0x3F]);
    }
}
