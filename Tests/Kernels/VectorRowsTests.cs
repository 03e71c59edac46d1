using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>Which lanes and vectors rows get: 128-bit accesses on graphics processors wherever every row starts on a 16-byte boundary, vector registers on processors.</summary>
public class VectorRowsTests(Target target) : AcceleratorSuite(target)
{
    [TestCase(3)]
    [TestCase(16)]
    [TestCase(18)]
    [TestCase(64)]
    public void Vectors_FollowDeviceAndWidth(int k)
    {
        string chosen = string.Empty;
        VectorRows.Record(Device, k, () => chosen = "processor", () => chosen = "lane", () => chosen = "fours", () => chosen = "group");
        bool processor = Device is { Style: LaunchStyle.OneLane, Type: ILGPU.Runtime.AcceleratorType.OpenCL };
        Assert.That(chosen, Is.EqualTo(processor ? "processor" : Device.Style == LaunchStyle.OneLane || k <= 16 ? "lane" : k % 4 == 0 ? "fours" : "group"));
    }
}
