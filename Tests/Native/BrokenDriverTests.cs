using System.Diagnostics;
using IlgpuVae.Tests.CommandLine;

namespace IlgpuVae.Tests.Native;

/// <summary>
/// What a user is told whose NVIDIA driver is there and does not work: one or two sentences, exit code 2 where CUDA was asked for, and another device where it
/// was not. The drivers are built here from fake-driver.c, where there is a C compiler.
/// </summary>
[TestFixture("-DLACKS_LAUNCH", "lacks the call cuLaunchKernel")]
[TestFixture("-DCONTEXT=46", "CUDA_ERROR_DEVICE_UNAVAILABLE")]
[TestFixture("-DMODULE=218", "CUDA_ERROR_INVALID_PTX")]
[TestFixture("-DMODULE=0", "results are wrong")]
public sealed class BrokenDriverTests(string fault, string reason) : TemporaryFolder
{
    private static readonly string[] Compilers = ["cc", "gcc", "clang"];

    [SetUp]
    public void BuildDriver()
    {
        if (!OperatingSystem.IsLinux() || Array.Find(Compilers, Runs) is not { } compiler)
        {
            Assert.Ignore("There is no C compiler (cc, gcc, clang) to build a broken driver with.");
            return;
        }

        using Process built = Process.Start(
            compiler, ["-shared", "-fPIC", fault, "-o", At("libcuda.so.1"), Path.Combine(AppContext.BaseDirectory, "fake-driver.c")]);
        built.WaitForExit();
        Assert.That(built.ExitCode, Is.Zero, "the driver did not build");
    }

    [Test]
    public void CudaAskedFor_IsRefusedInASentence()
    {
        Call failed = Call.Apart(Folder, Library, TrainOn("cuda"));
        Verify(failed.Error);
        Assert.That(failed.Code, Is.EqualTo(2), failed.Error);
        Assert.That(Directory.Exists(At("run")), Is.False);
    }

    [Test]
    public void FreeChoice_GoesOnAndSaysWhy()
    {
        Call worked = Call.Apart(Folder, Library, TrainOn("auto"));
        Verify(worked.Error);
        Assert.That(worked.Code, Is.Zero, worked.Error);
        Assert.That(worked.Error, Does.Contain("goes on with"));
    }

    private void Verify(string error)
    {
        Assert.That(error, Does.Contain(reason).And.Contain("To mend it,"));
        Assert.That(error, Does.Not.Contain("   at "));
        Assert.That(error.Trim().Split('\n'), Has.Length.EqualTo(1));
    }

    private string[] TrainOn(string device) => [.. Call.Tiny(At("run"), 2).Select(argument => argument == Call.Device ? device : argument)];

    private (string Name, string Value) Library => ("LD_LIBRARY_PATH", Folder);

    private static bool Runs(string compiler) =>
        (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, compiler)));
}
