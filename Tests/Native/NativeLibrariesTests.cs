using System.Runtime.InteropServices;
using IlgpuVae.Runtime;

namespace IlgpuVae.Tests.Native;

[TestFixture]
public sealed class NativeLibrariesTests
{
    [Test]
    public void Register_IsIdempotent()
    {
        NativeLibraries.Register();
        Assert.That(NativeLibraries.Register, Throws.Nothing);
    }

    [TestCase("cuda")]
    [TestCase("OpenCL")]
    public void Register_MakesEachInstalledDriverLoadableByIlgpusName(string name)
    {
        NativeLibraries.Register();
        bool installed = NativeLibraries.TryLoad(name, out _, out string? file);
        Assert.That(NativeLibrary.TryLoad(name, typeof(NativeLibraries).Assembly, null, out _), Is.EqualTo(installed), file);
    }

    [Test]
    public void TryLoad_KnowsNoOtherLibrary() => Assert.That(NativeLibraries.TryLoad("c", out _, out _), Is.False);

    [Test]
    public void TryLoadCuBlas_ReportsWhatItFound()
    {
        bool found = NativeLibraries.TryLoadCuBlas(out nint handle, out int major);
        Assert.Multiple(() =>
        {
            Assert.That(handle != 0, Is.EqualTo(found));
            Assert.That(major, found ? Is.InRange(11, 13) : Is.Zero);
        });
    }
}
