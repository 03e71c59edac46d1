using ILGPU.Runtime;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.KernelSuites;

namespace IlgpuVae.Tests;

/// <summary>
/// Adds the body of every kernel that this run of the tests loads on CUDA to the file that <c>ILGPUVAE_LOADED</c> names, a line each:
/// <see cref="LoadedKernelTests"/> reads it when all runs are over.
/// </summary>
[SetUpFixture]
public sealed class LoadedKernels
{
    internal static readonly string? Listed = Environment.GetEnvironmentVariable("ILGPUVAE_LOADED");

    private readonly HashSet<string> bodies = [];

    [OneTimeSetUp]
    public void Listen() => ComputeDevice.KernelLoaded += Note;

    [OneTimeTearDown]
    public void Stop()
    {
        ComputeDevice.KernelLoaded -= Note;
        if (!string.IsNullOrEmpty(Listed) && bodies.Count > 0)
            File.AppendAllLines(Listed, bodies.Order(StringComparer.Ordinal));
    }

    private void Note(ComputeDevice device, Type body)
    {
        if (device.Type != AcceleratorType.Cuda)
            return;
        lock (bodies)
            bodies.Add(body.ToString());
    }
}
