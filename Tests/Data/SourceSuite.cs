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
