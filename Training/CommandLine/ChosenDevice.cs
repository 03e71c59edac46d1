using System.CommandLine;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.CommandLine;

/// <summary>The device that a call works on.</summary>
internal static class ChosenDevice
{
    /// <summary>Opens it, and says on standard error why better ones were passed over.</summary>
    internal static ComputeDevice Open(string name, ParseResult call, int? threads)
    {
        ComputeDevice device = ComputeDevice.Open(name, threads: threads);
        foreach (string why in device.PassedOver)
            call.InvocationConfiguration.Error.WriteLine($"{why} The work goes on with {device.Name}.");
        return device;
    }
}
