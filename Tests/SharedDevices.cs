using System.Collections.Concurrent;
using IlgpuVae.Runtime;

namespace IlgpuVae.Tests;

/// <summary>One open device for each target, for all model suites together: compiling a model's kernels takes longer than its tests.</summary>
[SetUpFixture]
public static class SharedDevices
{
    private static readonly ConcurrentDictionary<Target, ComputeDevice> Devices = [];

    /// <summary>The target's device, opened at first use.</summary>
    public static ComputeDevice Get(Target target) => Devices.GetOrAdd(target, wanted => wanted.Open());

    [OneTimeTearDown]
    public static void Close()
    {
        foreach (ComputeDevice device in Devices.Values)
            device.Dispose();
        Devices.Clear();
    }
}
