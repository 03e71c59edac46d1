using System.Diagnostics;
using IlgpuVae.Runtime;

namespace IlgpuVae.Bench;

/// <summary>Times enqueued work: a sample runs it often enough to last a few milliseconds, then waits once.</summary>
/// <param name="device">The device.</param>
/// <param name="quick">Fewer samples.</param>
internal sealed class Timing(ComputeDevice device, bool quick)
{
    private const double SampleMs = 4;
    private const int Warmups = 3;

    private readonly int samples = quick ? 11 : 51;

    internal Percentiles Measure(Action enqueue)
    {
        for (int i = 0; i < Warmups; i++)
            enqueue();
        device.Wait();
        Stopwatch watch = Stopwatch.StartNew();
        enqueue();
        device.Wait();
        int repeats = (int)Math.Clamp(SampleMs / Math.Max(1e-3, watch.Elapsed.TotalMilliseconds), 1, 1000);
        double[] times = new double[samples];
        for (int s = 0; s < samples; s++)
        {
            watch.Restart();
            for (int r = 0; r < repeats; r++)
                enqueue();
            device.Wait();
            times[s] = watch.Elapsed.TotalMilliseconds / repeats;
        }

        return Percentiles.Of(times);
    }
}
