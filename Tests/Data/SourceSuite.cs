using System.IO.Compression;
using IlgpuVae.Runtime;
using IlgpuVae.Training.CommandLine;
using IlgpuVae.Training.Data;

namespace IlgpuVae.Tests.Data;

/// <summary>A temporary folder for one test, and assertions on what opening a source in it gives.</summary>
public abstract class SourceSuite
{
    protected static readonly DataOptions Whole = new() { ValidFraction = 0, TestFraction = 0 };

    protected string Folder { get; private set; } = "";

    [SetUp]
    public void MakeFolder() => Folder = Directory.CreateTempSubdirectory("ilgpu-vae-data-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(Folder, recursive: true);

    protected string At(string name) => Path.Combine(Folder, name);

    protected string Write(string name, params byte[] content)
    {
        string path = At(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    protected string Write(string name, string content) => Write(name, System.Text.Encoding.UTF8.GetBytes(content));

    protected static byte[] Gzip(byte[] content)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest))
            gzip.Write(content);
        return packed.ToArray();
    }

    protected static byte[] Gzip(string content) => Gzip(System.Text.Encoding.UTF8.GetBytes(content));

    /// <summary>An array as numpy.save writes it.</summary>
    protected static byte[] Npy(string descr, string shape, byte[] payload, string fortran = "False", byte version = 1)
    {
        string header = $"{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}".PadRight(117) + "\n";
        byte[] length = version == 1 ? BitConverter.GetBytes((ushort)header.Length) : BitConverter.GetBytes(header.Length);
        return [0x93, .. "NUMPY"u8, version, 0, .. length, .. System.Text.Encoding.UTF8.GetBytes(header), .. payload];
    }

    /// <summary>Numbers as a file stores them.</summary>
    protected static byte[] Raw<T>(Func<T, byte[]> bytes, params T[] numbers) => [.. numbers.SelectMany(bytes)];

    /// <summary>Writes a zip archive.</summary>
    protected string Zip(string name, params (string Name, byte[] Content)[] entries)
    {
        using ZipArchive zip = ZipFile.Open(At(name), ZipArchiveMode.Create);
        foreach ((string entry, byte[] content) in entries)
        {
            using Stream stream = zip.CreateEntry(entry).Open();
            stream.Write(content);
        }
        return At(name);
    }

    /// <summary>The examples of a source read whole, without splitting and so in their order.</summary>
    protected static DataSet Read(string spec, DataOptions? options = null) =>
        DataSource.Open(spec, (options ?? Whole) with { ValidFraction = 0, TestFraction = 0 }).Train;

    /// <summary>Opening must fail with an InputException whose message, in the command line's words, holds every fragment: file, place and cure.</summary>
    protected static void AssertRefused(string spec, DataOptions? options, params string[] fragments)
    {
        InputException refusal = Assert.Throws<InputException>(() => DataSource.Open(spec, options ?? new DataOptions()))!;
        using (Assert.EnterMultipleScope())
        {
            foreach (string fragment in fragments)
                Assert.That(OptionWords.Of(refusal), Does.Contain(fragment));
            Assert.That(refusal.Message, Does.Not.Contain("\n").And.Not.Contain(" --"));
            Assert.That(refusal.Message, Does.EndWith(".").Or.EndWith("?"));
        }
    }
}
