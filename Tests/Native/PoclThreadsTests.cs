using ILGPU.Runtime;
using IlgpuVae.Runtime;

namespace IlgpuVae.Tests.Native;

/// <summary>PoCL's threads stay on a processor each.</summary>
public sealed class PoclThreadsTests
{
    [Test]
    public void Threads_HaveAProcessorEach()
    {
        if (!Target.Types.Contains(AcceleratorType.OpenCL) || !Target.IsPresent(AcceleratorType.OpenCL))
            Assert.Ignore("There is no OpenCL device.");
        using ComputeDevice device = ComputeDevice.Open("opencl");
        if (device.Style != LaunchStyle.OneLane || !PoclThreads.MayUseEveryProcessor() || Environment.GetEnvironmentVariable("POCL_AFFINITY") is not null)
            Assert.Ignore("This OpenCL device is no processor, or its threads are not pinned here.");
        string?[] places = [.. Directory.GetDirectories("/proc/self/task").Select(thread => PoclThreads.AllowedProcessors(Path.Combine(thread, "status")))];
        for (int processor = 0; processor < Environment.ProcessorCount; processor++)
            Assert.That(places, Has.Member($"{processor}"), $"no thread is bound to processor {processor}");
    }
}
