using IlgpuVae.Bench.Counting;

namespace IlgpuVae.Bench;

/// <summary>One measured piece of work; the peers write the same rows, and leave out what they do not know.</summary>
public sealed partial record BenchRow
{
    /// <summary>Who did it: <c>ilgpu-vae</c>, <c>torchsharp</c>, ...; a variant behind it where one provider has several.</summary>
    public required string Provider { get; init; }

    /// <summary>What: a kernel's name, or a training step's.</summary>
    public required string Work { get; init; }

    /// <summary>Its shape, as <c>R=8192 K=64</c>.</summary>
    public required string Shape { get; init; }

    /// <summary>Time of one run, milliseconds.</summary>
    public required Percentiles Ms { get; init; }

    /// <summary>Least bytes it can move.</summary>
    public long? Bytes { get; init; }

    /// <summary>Floating-point operations.</summary>
    public long? Flops { get; init; }

    /// <summary>Bytes over the median time.</summary>
    public double? GbPerS { get; init; }

    /// <summary>Operations over the median time.</summary>
    public double? GflopPerS { get; init; }

    /// <summary>Bandwidth as a share of the copy bandwidth measured in the same run.</summary>
    public double? PercentOfCopy { get; init; }

    /// <summary>Kernel launches.</summary>
    public int? Launches { get; init; }

    /// <summary>Device memory of a training step: all that is allocated for it, data set and parameters included.</summary>
    public long? PeakBytes { get; init; }

    /// <summary>Operations as a share of the multiply-add peak measured in the same run; null where other units did the work (TF32).</summary>
    public double? PercentOfPeak { get; init; }

    /// <summary>What bounds it from below: <c>copy</c>, <c>multiply-add</c> or <c>launch</c>.</summary>
    public string? Roof { get; init; }

    /// <summary>The time that this roof allows, as a share of the median.</summary>
    public double? PercentOfRoof { get; init; }

    /// <summary>Whether all sets of inputs together fit into the last-level cache, so that the copy bandwidth is no bound.</summary>
    public bool? FitsCache { get; init; }

    /// <summary>What timed it: <c>cuda events</c>, <c>opencl events</c> or <c>stopwatch</c>.</summary>
    public string? Clock { get; init; }

    /// <summary>How a kernel held its rows, where it has several ways; null elsewhere.</summary>
    public string? Held { get; init; }

    /// <summary>How a training step is run: as a graph or as a replay of launches.</summary>
    public string? Mode { get; init; }

    /// <summary>Median time in which the host enqueues a step, without waiting for it.</summary>
    public double? HostMs { get; init; }

    /// <summary>A step's time less that of its kernels, each timed by itself; negative where they overlap.</summary>
    public double? OverheadMs { get; init; }

    /// <summary>A step's kernels by name, the slowest first.</summary>
    public IReadOnlyList<KernelShare>? Kernels { get; init; }

    /// <summary>The time of a step that the roofline predicts: of each launch the larger of its two bounds, and an empty launch's time.</summary>
    public double? ExpectedMs { get; init; }

    /// <summary>Where a law is measured: the memory that it predicts.</summary>
    public long? ExpectedBytes { get; init; }

    /// <summary>What its launches ask of a graphics processor, where that was counted and nothing timed.</summary>
    public WorkCounts? Counts { get; init; }

    /// <summary>What pairs rows of two files.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    internal (string Work, string Shape) Key => (Work, Shape);
}

/// <summary>The launches of one kernel in a step that hold their rows in the same way.</summary>
/// <param name="Work">Its name.</param>
/// <param name="Launches">How many.</param>
/// <param name="Ms">Their time together, each timed by itself, milliseconds.</param>
/// <param name="Bytes">Least bytes they can move.</param>
/// <param name="Flops">Their operations.</param>
public sealed record KernelShare(string Work, int Launches, double Ms, long Bytes, long Flops)
{
    /// <summary>How they held their rows, where the kernel has several ways; null elsewhere.</summary>
    public string? Held { get; init; }

    /// <summary>What they ask of a graphics processor, where that was counted and nothing timed.</summary>
    public WorkCounts? Counts { get; init; }
}

/// <summary>The 20th, 50th and 80th percentile of repeated timings.</summary>
/// <param name="P20">20th.</param>
/// <param name="P50">Median.</param>
/// <param name="P80">80th.</param>
public sealed record Percentiles(double P20, double P50, double P80)
{
    /// <summary>Percentiles of measured values.</summary>
    public static Percentiles Of(IReadOnlyList<double> values)
    {
        double[] sorted = [.. values.Order()];
        double At(double share) => sorted[(int)Math.Round(share * (sorted.Length - 1))];
        return new Percentiles(At(0.2), At(0.5), At(0.8));
    }
}
