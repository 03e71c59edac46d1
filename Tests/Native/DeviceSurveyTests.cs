using ILGPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;
using IlgpuVae.Runtime;

namespace IlgpuVae.Tests.Native;

[TestFixture]
public sealed class DeviceSurveyTests
{
    private static readonly string[] backends = ["cuda", "opencl", "cpu"];

    [Test]
    public void Take_HasAFindingForEachBackendInOrder() =>
        Assert.That(DeviceSurvey.Take().Select(finding => finding.Backend).Distinct(), Is.EqualTo(backends));

    [Test]
    public void Take_FindsTheCpu()
    {
        DeviceFinding cpu = DeviceSurvey.Take().Single(finding => finding.Backend == "cpu");
        Assert.Multiple(() =>
        {
            Assert.That(cpu.Name, Is.EqualTo("cpu"));
            Assert.That(cpu.Device, Is.Not.Empty);
            Assert.That(cpu.MemoryBytes, Is.Positive);
            Assert.That(cpu.ComputeUnits, Is.Positive);
        });
    }

    [Test]
    public void Take_NamesADeviceOrItsProblemAndCure()
    {
        foreach (DeviceFinding finding in DeviceSurvey.Take())
        {
            TestContext.Out.WriteLine(finding);
            Assert.Multiple(() =>
            {
                Assert.That(finding.Problem is null, Is.EqualTo(finding.IsUsable), "a device is usable or has a problem");
                Assert.That(finding.Cure is null, Is.EqualTo(finding.IsUsable), "each problem has a cure");
            });
        }
    }

    [Test]
    public void Take_NamesTheDevicesThatIlgpuSelects()
    {
        NativeLibraries.Register();
        using var context = Context.Create(builder => builder.Cuda().OpenCL());
        IEnumerable<string> expected = context.Devices.OfType<CudaDevice>().Select((device, i) => $"cuda:{i} {device.Name}")
            .Concat(context.Devices.OfType<CLDevice>().Select((device, i) => $"opencl:{i} {device.Name.Trim()}"));
        IEnumerable<string> found = DeviceSurvey.Take()
            .Where(finding => finding.IsUsable && finding.Backend != "cpu").Select(finding => $"{finding.Name} {finding.Device}");
        Assert.That(found, Is.EqualTo(expected));
    }

    /// <summary>Nobody should take PoCL for the fast way to train on a processor.</summary>
    [Test]
    public void Take_SaysWhatIsFasterThanAProcessorOnOpenCL()
    {
        NativeLibraries.Register();
        using var context = Context.Create(builder => builder.OpenCL());
        CLDevice[] devices = [.. context.Devices.OfType<CLDevice>()];
        DeviceFinding[] found = [.. DeviceSurvey.Take().Where(finding => finding.IsUsable && finding.Backend == "opencl")];
        Assert.That(found, Has.Length.EqualTo(devices.Length));
        for (int i = 0; i < devices.Length; i++)
            Assert.That(
                found[i].Note ?? "",
                devices[i].DeviceType.HasFlag(CLDeviceType.CL_DEVICE_TYPE_GPU) ? Does.Not.Contain("device cpu") : Does.Contain("device cpu is faster"));
    }

    [Test]
    public void Take_FindsOpenCLWhereTheRunRequiresIt()
    {
        string required = Environment.GetEnvironmentVariable("ILGPUVAE_REQUIRE") ?? "";
        if (!required.Contains("opencl", StringComparison.OrdinalIgnoreCase))
            Assert.Ignore("ILGPUVAE_REQUIRE does not name opencl.");
        Assert.That(DeviceSurvey.Take().Any(finding => finding.Name == "opencl:0"), Is.True);
    }
}
