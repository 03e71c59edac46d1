using ILGPU.Runtime.Cuda;
using IlgpuVae.Runtime.Cuda;

namespace IlgpuVae.Runtime;

/// <summary>
/// A training step recorded once and repeated. On CUDA the list of launches is captured into a graph after its first run, which loads every kernel, and then
/// takes one launch a step; elsewhere, and where capturing fails, the list is replayed.
/// </summary>
/// <param name="list">The launches of one step.</param>
/// <param name="useGraph">Whether to capture a graph at all; replaying is for comparisons.</param>
public sealed class RecordedStep(LaunchList list, bool useGraph = true) : IDisposable
{
    private CudaGraph? graph;
    private bool hasRun;
    private bool hasTried;

    /// <summary>Why the step is not a graph although the device is a CUDA one, or null.</summary>
    public string? WhyNoGraph { get; private set; }

    /// <summary>How the step is run, for reports.</summary>
    public string Mode => graph is null
        ? $"replay of {list.Launches.Count} launches" + (WhyNoGraph is null ? string.Empty : $" (no CUDA graph: {WhyNoGraph})")
        : $"one CUDA graph of {graph.Nodes} nodes";

    /// <summary>Enqueues the step without waiting for it.</summary>
    public void Run()
    {
        if (useGraph && hasRun && !hasTried && list.Device.Stream is CudaStream captured)
        {
            hasTried = true;
            list.Device.Wait();
            if (!CudaGraph.TryCapture(captured, list.Replay, out graph, out string? whyNot))
                WhyNoGraph = whyNot;
        }

        if (graph is not null)
            graph.Launch((CudaStream)list.Device.Stream);
        else
            list.Replay();
        hasRun = true;
    }

    /// <inheritdoc/>
    public void Dispose() => graph?.Dispose();
}
