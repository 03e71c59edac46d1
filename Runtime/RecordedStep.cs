using ILGPU.Runtime.Cuda;
using IlgpuVae.Runtime.Cuda;

namespace IlgpuVae.Runtime;

/// <summary>
/// A training step recorded once and repeated. On CUDA the list of launches is captured into a graph after its first run, which loads every kernel, and then
/// takes one launch a step; a processor on OpenCL can have the list as one persistent kernel. Elsewhere, and where either fails, the list is replayed.
/// </summary>
/// <param name="list">The launches of one step.</param>
/// <param name="oneLaunch">What to do to make them one.</param>
public sealed class RecordedStep(LaunchList list, OneLaunch oneLaunch = OneLaunch.WhenQuick) : IDisposable
{
    private CudaGraph? graph;
    private PersistentStep? persistent;
    private bool hasRun;
    private bool hasTried;

    /// <summary>Why the step is not one launch although the device could have made it one, or null.</summary>
    public string? WhyManyLaunches { get; private set; }

    /// <summary>How the step is run, for reports.</summary>
    public string Mode => (graph, persistent) switch
    {
        ({ } captured, _) => $"one CUDA graph of {captured.Nodes} nodes",
        (_, { } kernel) => $"one persistent kernel of {kernel.Stages} stages",
        _ => $"replay of {list.Launches.Count} launches" + (WhyManyLaunches is null ? string.Empty : $" ({WhyManyLaunches})"),
    };

    /// <summary>Enqueues the step without waiting for it.</summary>
    public void Run()
    {
        if (!hasTried)
            Unite();
        if (graph is not null)
            graph.Launch((CudaStream)list.Device.Stream);
        else if (persistent is not null)
            persistent.Launch();
        else
            list.Replay();
        hasRun = true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        graph?.Dispose();
        persistent?.Dispose();
    }

    private void Unite()
    {
        string? whyNot = null;
        if (oneLaunch != OneLaunch.Never && list.Device.Stream is CudaStream captured)
        {
            if (!hasRun)
                return;
            list.Device.Wait();
            if (!CudaGraph.TryCapture(captured, list.Replay, out graph, out whyNot))
                whyNot = $"no CUDA graph: {whyNot}";
        }
        else if (oneLaunch == OneLaunch.WheneverPossible && list.Device.HasPersistentKernels && !PersistentStep.TryLoad(list, out persistent, out whyNot))
        {
            whyNot = $"no persistent kernel: {whyNot}";
        }

        WhyManyLaunches = whyNot;
        hasTried = true;
    }
}
