using ILGPU.Runtime;

namespace IlgpuVae.Runtime;

/// <summary>One recorded kernel launch.</summary>
/// <param name="Name">The operation, as <c>softmax.forward</c>.</param>
/// <param name="Cost">The least work it can do.</param>
/// <param name="Run">Enqueues it.</param>
public sealed record Launch(string Name, KernelCost Cost, Action<AcceleratorStream> Run);

/// <summary>
/// A list of kernel launches with all their arguments, recorded once and replayed for every step. What changes from step to
/// step lives in device memory, so the list stays valid.
/// </summary>
/// <param name="device">The device the launches are for.</param>
public sealed class LaunchList(ComputeDevice device)
{
    private readonly List<Launch> launches = [];

    /// <summary>The device the launches are for.</summary>
    public ComputeDevice Device { get; } = device;

    /// <summary>The launches in order.</summary>
    public IReadOnlyList<Launch> Launches => launches;

    /// <summary>Appends a launch.</summary>
    public void Add(string name, KernelCost cost, Action<AcceleratorStream> run) => launches.Add(new Launch(name, cost, run));

    /// <summary>Enqueues every launch on the device's stream, in order, without waiting.</summary>
    public void Replay()
    {
        foreach (Launch launch in launches)
            launch.Run(Device.Stream);
    }
}
