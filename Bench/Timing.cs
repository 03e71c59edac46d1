using System.Diagnostics;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;
using IlgpuVae.Runtime;
using IlgpuVae.Runtime.Cuda;

namespace IlgpuVae.Bench;

/// <summary>
/// Times enqueued work by the device's own clock where it has one. A sample runs the work often enough to last a few milliseconds between two markers; samples
/// go on until there are enough of them or the row has had its time.
/// </summary>
internal sealed class Timing
{
    private const double SampleMs = 4;
    private const int Warmups = 3;
    private const int MostRepeats = 1000;
    private const int FewestSamples = 5;

    // For a peak, whose best moment counts.
    private const double FastestBudgetMs = 200;
    private const int FastestSamples = 200;

    private readonly ComputeDevice device;
    private readonly int mostSamples;
    private readonly double budgetMs;
    private readonly bool hasMarkers;

    /// <param name="device">A device that was opened for profiling.</param>
    /// <param name="quick">Fewer samples.</param>
    internal Timing(ComputeDevice device, bool quick)
    {
        this.device = device;
        (mostSamples, budgetMs) = quick ? (11, 120) : (51, 1500);
        hasMarkers = device.Type is AcceleratorType.Cuda or AcceleratorType.OpenCL && MarkersWork();
        Clock = !hasMarkers ? "stopwatch" : device.Type == AcceleratorType.Cuda ? "cuda events" : "opencl events";
    }

    /// <summary>What times the samples.</summary>
    internal string Clock { get; }

    /// <summary>Time of what <paramref name="enqueue"/> enqueues, the host's part included where the device waits for it.</summary>
    internal Percentiles Measure(Action enqueue)
    {
        int repeats = Repeats(enqueue);
        return Percentiles.Of(Samples(() => Repeat(enqueue, repeats), repeats, mostSamples, budgetMs));
    }

    /// <summary>
    /// Time of one launch, its recordings with different inputs taken in turn. On CUDA a sample is one graph, so that the device never waits for the host
    /// between short launches.
    /// </summary>
    internal Percentiles Measure(IReadOnlyList<Launch> launches) => Percentiles.Of(Times(launches, mostSamples, budgetMs));

    /// <summary>The shortest of many samples of the same, milliseconds.</summary>
    internal double Fastest(IReadOnlyList<Launch> launches) => Times(launches, FastestSamples, FastestBudgetMs).Min();

    private List<double> Times(IReadOnlyList<Launch> launches, int most, double budget)
    {
        int next = 0;
        void Next() => launches[next++ % launches.Count].Run(device.Stream);
        int repeats = Repeats(Next);
        if (device.Stream is CudaStream stream && CudaGraph.TryCapture(stream, () => Repeat(Next, repeats), out CudaGraph? graph, out _))
        {
            using (graph)
                return Samples(() => graph.Launch(stream), repeats, most, budget);
        }

        return Samples(() => Repeat(Next, repeats), repeats, most, budget);
    }

    /// <summary>Median time in which the host enqueues, the device idle at first; for work that does not wait.</summary>
    internal double HostMs(Action enqueue)
    {
        double[] times = new double[mostSamples];
        Stopwatch watch = new();
        for (int s = 0; s < times.Length; s++)
        {
            device.Wait();
            watch.Restart();
            enqueue();
            times[s] = watch.Elapsed.TotalMilliseconds;
        }

        device.Wait();
        return Percentiles.Of(times).P50;
    }

    private static void Repeat(Action enqueue, int repeats)
    {
        for (int i = 0; i < repeats; i++)
            enqueue();
    }

    // How often the work has to run to last a sample, after it has been warmed up; compiling ends with the first run.
    private int Repeats(Action enqueue)
    {
        enqueue();
        device.Wait();
        Stopwatch watch = Stopwatch.StartNew();
        Repeat(enqueue, Warmups);
        device.Wait();
        return (int)Math.Clamp(Warmups * SampleMs / Math.Max(1e-6, watch.Elapsed.TotalMilliseconds), 1, MostRepeats);
    }

    private List<double> Samples(Action batch, int repeats, int most, double budget)
    {
        batch();
        device.Wait();
        List<double> times = [];
        Stopwatch spent = Stopwatch.StartNew();
        while (times.Count < FewestSamples || (times.Count < most && spent.Elapsed.TotalMilliseconds < budget))
            times.Add(Sample(batch) / repeats);
        return times;
    }

    private double Sample(Action batch)
    {
        if (!hasMarkers)
        {
            Stopwatch watch = Stopwatch.StartNew();
            batch();
            device.Wait();
            return watch.Elapsed.TotalMilliseconds;
        }

        using ProfilingMarker start = device.Stream.AddProfilingMarker();
        batch();
        using ProfilingMarker end = device.Stream.AddProfilingMarker();
        return end.MeasureFrom(start).TotalMilliseconds;
    }

    // A driver may take markers and know no times.
    private bool MarkersWork()
    {
        try
        {
            using ProfilingMarker start = device.Stream.AddProfilingMarker();
            Thread.Sleep(2);
            using ProfilingMarker end = device.Stream.AddProfilingMarker();
            return end.MeasureFrom(start).TotalMilliseconds is > 1 and < 1000;
        }
        catch (Exception failure) when (failure is AcceleratorException or CLException or InvalidOperationException)
        {
            return false;
        }
    }
}
