namespace IlgpuVae.Tests;

/// <summary>A fixture with an empty folder of its own for each test.</summary>
public abstract class TemporaryFolder
{
    protected string Folder { get; private set; } = "";

    [SetUp]
    public void CreateFolder() => Folder = Directory.CreateTempSubdirectory("ilgpu-vae-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(Folder, recursive: true);

    protected string At(string name) => Path.Combine(Folder, name);
}
