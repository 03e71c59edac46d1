using ILGPU.Runtime;

namespace IlgpuVae.Runtime;

/// <summary>One recorded kernel launch.</summary>
/// <param name="Name">The operation, as <c>softmax.forward</c>.</param>
/// <param name="Cost">The least work it can do.</param>
/// <param name="Run">Enqueues it.</param>
internal sealed record Launch(string Name, KernelCost Cost, Action<AcceleratorStream> Run)
{
    /// <summary>Compiles its kernel, where that has not been done.</summary>
    internal Action Load { get; init; } = () => { };

    /// <summary>How the kernel holds its rows, for profiles and tests; empty where there is one way only.</summary>
    public string Shape { get; init; } = string.Empty;
}

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

    /// <summary>
    /// Whether matrix products by cuBLAS may cut their factors to TF32, ten bits of mantissa, to run on tensor cores: each factor is then off by up to
    /// 2^-10 = 9.8e-4 of itself, half of that where the library rounds. Sums stay float32. Other products take no notice.
    /// </summary>
    public bool Tf32 { get; init; }

    /// <summary>The launches in order.</summary>
    internal IReadOnlyList<Launch> Launches => launches;

    /// <summary>Appends work of a known cost.</summary>
    public void Add(string name, KernelCost cost, Action<AcceleratorStream> run) => launches.Add(new Launch(name, cost, run));

    /// <summary>Appends a launch that was made elsewhere.</summary>
    internal void Add(Launch launch) => launches.Add(launch);

    /// <summary>Says how the launch that was added last holds its rows.</summary>
    public void DescribeLast(string shape) => launches[^1] = launches[^1] with { Shape = shape };

    /// <summary>Compiles every kernel that has not been compiled: otherwise its first launch does.</summary>
    public void Load()
    {
        foreach (Launch launch in launches)
            launch.Load();
    }

    /// <summary>Enqueues every launch on the device's stream, in order, without waiting.</summary>
    public void Replay()
    {
        // A CUDA context is current for a thread, and a model may be asked from any.
        Device.Accelerator.Bind();
        foreach (Launch launch in launches)
            launch.Run(Device.Stream);
    }
}
