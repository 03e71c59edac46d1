using ILGPU.Runtime.Cuda;
using IlgpuVae.Runtime.Cuda;

namespace IlgpuVae.Runtime;

/// <summary>
/// A training step recorded once and repeated. On CUDA the list of launches is captured into a graph after its first run, which loads every kernel, and then
/// takes one launch a step; a processor on OpenCL can have the list as one persistent kernel. Elsewhere, and where either fails, the list is replayed.
/// </summary>
public sealed class RecordedStep : IDisposable
{
    private readonly LaunchList list;
    private readonly PersistentStep? persistent;
    private CudaGraph? graph;
    private bool wantsGraph;
    private bool hasRun;

    /// <summary>Compiles what the step runs.</summary>
    /// <param name="list">The launches of one step.</param>
    /// <param name="oneLaunch">What to do to make them one.</param>
    public RecordedStep(LaunchList list, OneLaunch oneLaunch = OneLaunch.WhenQuick)
    {
        this.list = list;
        wantsGraph = oneLaunch != OneLaunch.Never && list.Device.Stream is CudaStream;
        if (oneLaunch == OneLaunch.WheneverPossible && list.Device.IsOpenClProcessor && !PersistentStep.TryLoad(list, out persistent, out string? whyNot))
            WhyManyLaunches = $"no persistent kernel: {whyNot}";
        if (persistent is null)
            list.Load();
    }

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
        if (wantsGraph && hasRun)
            Capture((CudaStream)list.Device.Stream);
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

    private void Capture(CudaStream stream)
    {
        wantsGraph = false;
        list.Device.Wait();
        if (!CudaGraph.TryCapture(stream, list.Replay, out graph, out string? whyNot))
            WhyManyLaunches = $"no CUDA graph: {whyNot}";
    }
}
