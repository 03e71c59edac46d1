using ILGPU.Runtime.Cuda;
using IlgpuVae.Runtime.Cuda;

namespace IlgpuVae.Runtime;

/// <summary>
/// A training step recorded once and repeated. On CUDA the list of launches is captured into a graph after its first run, which loads every kernel, and then
/// takes one launch a step. Elsewhere, and where that fails, the list is replayed.
/// </summary>
internal sealed class RecordedStep : IDisposable
{
    private readonly LaunchList list;
    private CudaGraph? graph;
    private bool wantsGraph;
    private bool hasRun;

    /// <summary>Compiles what the step runs.</summary>
    /// <param name="list">The launches of one step.</param>
    /// <param name="asGraph">Whether CUDA may have them as one graph; false for comparisons.</param>
    public RecordedStep(LaunchList list, bool asGraph = true)
    {
        this.list = list;
        wantsGraph = asGraph && list.Device.Stream is CudaStream;
        list.Load();
    }

    /// <summary>Why the step is no graph although the device could have made it one, or null.</summary>
    public string? WhyNoGraph { get; private set; }

    /// <summary>How the step is run, for reports.</summary>
    public string Mode => graph is { } captured
        ? $"one CUDA graph of {captured.Nodes} nodes"
        : $"replay of {list.Launches.Count} launches" + (WhyNoGraph is null ? string.Empty : $" (no CUDA graph: {WhyNoGraph})");

    /// <summary>Enqueues the step without waiting for it.</summary>
    public void Run()
    {
        if (wantsGraph && hasRun)
            Capture((CudaStream)list.Device.Stream);
        if (graph is not null)
            graph.Launch((CudaStream)list.Device.Stream);
        else
            list.Replay();
        hasRun = true;
    }

    /// <inheritdoc/>
    public void Dispose() => graph?.Dispose();

    private void Capture(CudaStream stream)
    {
        wantsGraph = false;
        list.Device.Wait();
        if (!CudaGraph.TryCapture(stream, list.Replay, out graph, out string? whyNot))
            WhyNoGraph = whyNot;
    }
}
