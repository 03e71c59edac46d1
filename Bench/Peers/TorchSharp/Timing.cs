using System.Diagnostics;
using IlgpuVae.Bench;

namespace IlgpuVae.TorchSharpPeer;

/// <summary>Times as Bench does: a sample runs the work often enough to last a few milliseconds. On the CPU there is nothing to wait for.</summary>
/// <param name="quick">Fewer samples.</param>
internal sealed class Timing(bool quick)
{
    private const double SampleMs = 4;
    private const int Warmups = 3;

    private readonly int samples = quick ? 11 : 51;

    internal Percentiles Measure(Action run)
    {
        for (int i = 0; i < Warmups; i++)
            run();
        Stopwatch watch = Stopwatch.StartNew();
        run();
        int repeats = (int)Math.Clamp(SampleMs / Math.Max(1e-3, watch.Elapsed.TotalMilliseconds), 1, 1000);
        double[] times = new double[samples];
        for (int s = 0; s < samples; s++)
        {
            watch.Restart();
            for (int r = 0; r < repeats; r++)
                run();
            times[s] = watch.Elapsed.TotalMilliseconds / repeats;
        }

        return Percentiles.Of(times);
    }
}
