using System.IO.Compression;
using System.Text;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Output;

namespace IlgpuVae.Tests.Output;

/// <summary>What NumPy finds in .npy and .npz.</summary>
public sealed class NpyOutputTests : TemporaryFolder
{
    [Test]
    public void Npy_IsOneMatrix()
    {
        OutputColumn[] first = [.. OutputColumn.Of(["a", "b"], new[] { 1f, 2, 3, 4 }), OutputColumn.Of("c", new[] { 5, 6 })];
        Write("x.npy", [first, [.. Row("a"), .. Row("b"), .. Row("c")]]);
        DataSet set = NpyFile.Read(At("x.npy"));
        Assert.That((set.Count, set.Width), Is.EqualTo((3, 3)));
        Assert.That(set.Values, Is.EqualTo(new[] { 1f, 2, 5, 3, 4, 6, 9, 9, 9 }));

        static IEnumerable<OutputColumn> Row(string name) => [OutputColumn.Of(name, new[] { 9f })];
    }

    /// <summary>The smallest type that keeps every digit: the same numbers as in every other kind of file.</summary>
    [Test]
    public void Npy_LosesNoDigit()
    {
        OutputColumn codes = OutputColumn.Of("code", new[] { 7 }), share = OutputColumn.Of("q", new[] { 1f / 3 });
        Assert.That(Matrix(codes, OutputColumn.Of("row", new[] { 1L << 60 })), Is.EqualTo(("<i8", (byte[])[.. Bytes(7L), .. Bytes(1L << 60)])));
        Assert.That(Matrix(codes, share), Is.EqualTo(("<f4", (byte[])[.. BitConverter.GetBytes(7f), .. BitConverter.GetBytes(1f / 3)])));
        Assert.That(
            Matrix(codes, share, OutputColumn.Of("elbo", new[] { Math.PI })), Is.EqualTo(("<f8", (byte[])[.. Real(7), .. Real(1f / 3), .. Real(Math.PI)])));
        Assert.That(Matrix(OutputColumn.Of("row", new[] { 16_777_217L }), share), Is.EqualTo(("<f8", (byte[])[.. Real(16_777_217), .. Real(1f / 3)])));

        static byte[] Bytes(long value) => BitConverter.GetBytes(value);
        static byte[] Real(double value) => BitConverter.GetBytes(value);
        (string Type, byte[] Content) Matrix(params OutputColumn[] columns)
        {
            Write("x.npy", [columns]);
            byte[] file = File.ReadAllBytes(At("x.npy"));
            return (Encoding.ASCII.GetString(file, 10, 118).Split('\'')[3], file[128..]);
        }
    }

    [Test]
    public void Npz_HasAnArrayAColumn()
    {
        Write("x.npz", [[.. OutputColumn.Of(["a", "b"], new[] { 1f, 2, 3, 4 })], [.. OutputColumn.Of(["a", "b"], new[] { 5f, 6 })]]);
        using ZipArchive archive = ZipFile.OpenRead(At("x.npz"));
        using Stream entry = archive.GetEntry("b.npy")!.Open();
        byte[] content = new byte[128 + (3 * sizeof(float))];
        entry.ReadExactly(content);
        Assert.That(Encoding.ASCII.GetString(content, 10, 118), Does.Contain("'<f4'").And.Contain("(3,)"));
        Assert.That(Enumerable.Range(0, 3).Select(i => BitConverter.ToSingle(content, 128 + (4 * i))), Is.EqualTo(new[] { 2f, 4, 6 }));
    }

    private void Write(string name, IEnumerable<IReadOnlyList<OutputColumn>> batches) => OutputFile.Write(At(name), TextWriter.Null, batches);
}
