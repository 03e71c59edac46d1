namespace IlgpuVae.Bench;

/// <summary>One measured piece of work; the peers write the same rows.</summary>
public sealed record BenchRow
{
    /// <summary>Who did it: <c>ilgpu-vae</c>, <c>torchsharp</c>, ...</summary>
    public required string Provider { get; init; }

    /// <summary>What: a kernel's name, or a training step's.</summary>
    public required string Work { get; init; }

    /// <summary>Its shape, as <c>R=8192 K=64</c>.</summary>
    public required string Shape { get; init; }

    /// <summary>Time of one run, milliseconds.</summary>
    public required Percentiles Ms { get; init; }

    /// <summary>Least bytes it can move.</summary>
    public long Bytes { get; init; }

    /// <summary>Floating-point operations.</summary>
    public long Flops { get; init; }

    /// <summary>Bytes over the median time.</summary>
    public double GbPerS { get; init; }

    /// <summary>Operations over the median time.</summary>
    public double GflopPerS { get; init; }

    /// <summary>Bandwidth as a share of the copy bandwidth measured in the same run.</summary>
    public double? PercentOfCopy { get; init; }

    /// <summary>Kernel launches.</summary>
    public int Launches { get; init; }

    /// <summary>Device memory of a training step.</summary>
    public long? PeakBytes { get; init; }
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
