using System.Diagnostics.CodeAnalysis;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace IlgpuVae.Runtime.Cuda;

/// <summary>
/// A list of launches captured from a stream and replayed with one call to the driver. Disposed with its accelerator at the latest.
/// </summary>
/// <remarks>
/// The graph keeps addresses and scalar arguments as they were at capture: keep the kernels and buffers alive, and whatever
/// changes between launches in device memory.
/// </remarks>
internal sealed class CudaGraph : AcceleratorObject
{
    private nint executable;

    private CudaGraph(Accelerator accelerator, nint executable, int nodes) : base(accelerator)
    {
        this.executable = executable;
        Nodes = nodes;
    }

    /// <summary>Number of nodes: kernels, copies and fills.</summary>
    public int Nodes { get; }

    /// <summary>
    /// Captures what <paramref name="record"/> enqueues on <paramref name="stream"/>, which does not run it. Every kernel must have
    /// run once before, and nothing may allocate, synchronise or use another stream meanwhile.
    /// </summary>
    /// <param name="stream">A stream made by the accelerator; the default stream cannot be captured.</param>
    /// <param name="record">Enqueues the launches, on this thread.</param>
    /// <param name="graph">The graph, or null where the capture failed.</param>
    /// <param name="whyNot">Which step failed and how, or null.</param>
    /// <returns>Whether there is a graph. In every case, an exception included, the stream has left capture mode.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static bool TryCapture(
        CudaStream stream,
        Action record,
        [NotNullWhen(true)] out CudaGraph? graph,
        [NotNullWhen(false)] out string? whyNot)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(record);
        graph = null;
        stream.Accelerator.Bind();
        try
        {
            whyNot = Capture(stream.StreamPtr, record, out nint executable, out int nodes);
            if (whyNot is null)
                graph = new CudaGraph(stream.Accelerator, executable, nodes);
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            whyNot = $"The CUDA driver is too old for graphs: {exception.Message}";
        }

        return graph is not null;
    }

    /// <summary>Replays the captured launches on <paramref name="stream"/>, asynchronously.</summary>
    /// <exception cref="CudaException">The driver refused the launch.</exception>
    public void Launch(CudaStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        Accelerator.Bind();
        CudaException.ThrowIfFailed(CudaDriver.GraphLaunch(executable, stream.StreamPtr));
    }

    /// <summary>Captures on a raw stream of the current context; returns what failed, or null.</summary>
    internal static string? Capture(nint stream, Action record, out nint executable, out int nodes)
    {
        (executable, nodes) = (0, 0);
        if (stream == 0)
            return "The default stream cannot be captured; create one with CreateStream().";

        CudaError status = CudaDriver.StreamBeginCapture(stream, CudaDriver.RelaxedCapture);
        if (status != CudaError.CUDA_SUCCESS)
            return Failed("cuStreamBeginCapture", status);

        nint graph = 0;
        string? refused = null;
        try
        {
            try
            {
                record();
            }
            catch (Exception exception) when (exception is AcceleratorException or InvalidOperationException)
            {
                refused = $"A launch was refused while capturing: {exception.Message}";
            }
            finally
            {
                status = CudaDriver.StreamEndCapture(stream, out graph);
            }

            if (refused is not null)
                return refused;
            if (status != CudaError.CUDA_SUCCESS)
                return Failed("cuStreamEndCapture", status);

            nuint count = 0;
            status = CudaDriver.GraphGetNodes(graph, 0, ref count);
            if (status != CudaError.CUDA_SUCCESS)
                return Failed("cuGraphGetNodes", status);
            nodes = (int)count;
            if (nodes == 0)
                return "Nothing was captured; the launches went to another stream.";

            status = CudaDriver.GraphInstantiate(out executable, graph);
            return status == CudaError.CUDA_SUCCESS ? null : Failed("cuGraphInstantiate", status);
        }
        finally
        {
            if (graph != 0)
                _ = CudaDriver.GraphDestroy(graph);
        }
    }

    /// <inheritdoc/>
    protected override void DisposeAcceleratorObject(bool disposing)
    {
        // The status would only repeat an earlier failure of the context, which its own call has reported.
        _ = CudaDriver.GraphExecDestroy(executable);
        executable = 0;
    }

    private static string Failed(string call, CudaError error) => $"{call} failed with {CudaDriver.NameOf(error)}.";
}
