namespace IlgpuVae.Runtime;

/// <summary>
/// One line of the device survey: a device that can be used (it has a <see cref="Name"/>), or a reason why a backend or a device
/// cannot be (it has a <see cref="Problem"/>).
/// </summary>
public sealed record DeviceFinding
{
    /// <summary><c>cuda</c>, <c>opencl</c> or <c>cpu</c>.</summary>
    public required string Backend { get; init; }

    /// <summary>The name that selects the device, such as <c>cuda:0</c>; null where it cannot be used.</summary>
    public string? Name { get; init; }

    /// <summary>The device in its driver's words, or null where no device was reached.</summary>
    public string? Device { get; init; }

    /// <summary>Memory in bytes.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Version of the driver or platform, with the device's architecture where it has one.</summary>
    public string? Version { get; init; }

    /// <summary>Multiprocessors, compute units or processor cores.</summary>
    public int? ComputeUnits { get; init; }

    /// <summary>Threads that run in lockstep, where the driver says.</summary>
    public int? WarpSize { get; init; }

    /// <summary>Why it cannot be used, in a plain sentence; null for a usable device.</summary>
    public string? Problem { get; init; }

    /// <summary>What to do about the problem.</summary>
    public string? Cure { get; init; }

    /// <summary>What else is worth knowing about a usable device.</summary>
    public string? Note { get; init; }

    /// <summary>Whether the device can be used.</summary>
    public bool IsUsable => Name is not null;
}
