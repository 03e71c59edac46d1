using IlgpuVae.Runtime;

namespace IlgpuVae.Tests;

/// <summary>
/// A suite of tests on whole models, which bring their own memory. Each fixture says whether it runs on <see cref="Target.All"/>, or, where it takes many
/// steps, on <see cref="Target.Best"/> alone: simulated groups are slow.
/// </summary>
public abstract class ModelSuite(Target target)
{
    /// <summary>The device under test.</summary>
    protected ComputeDevice Device { get; } = SharedDevices.Get(target);
}
