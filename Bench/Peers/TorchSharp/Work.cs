using IlgpuVae.Bench;

namespace IlgpuVae.TorchSharpPeer;

/// <summary>A piece of work that is measured, named as IlgpuVae's rows name it.</summary>
internal sealed record Work
{
    /// <summary><c>torchsharp</c>, and the form where there are several.</summary>
    internal required string Provider { get; init; }

    /// <summary>What.</summary>
    internal required string Name { get; init; }

    /// <summary>Its shape.</summary>
    internal required string Shape { get; init; }

    /// <summary>Least bytes it can move; 0 where that says little.</summary>
    internal long Bytes { get; init; }

    /// <summary>Floating-point operations.</summary>
    internal required long Flops { get; init; }

    /// <summary>Makes its inputs.</summary>
    internal required Func<Job> Start { get; init; }

    /// <summary>Its losses from <see cref="SameState"/>; null where it has none.</summary>
    internal Func<(double First, double? Last)>? Losses { get; init; }

    /// <summary>Measures it.</summary>
    internal BenchRow Measure(Timing timing, double copyGbPerS)
    {
        using Job job = Start();
        Percentiles ms = timing.Measure(job.Run);
        long? growth = Memory.PeakGrowth(job.Run);
        double gb = Bytes / ms.P50 / 1e6;
        return new BenchRow
        {
            Provider = Provider,
            Work = Name,
            Shape = Shape,
            Ms = ms,
            Bytes = Bytes,
            Flops = Flops,
            GbPerS = gb,
            GflopPerS = Flops / ms.P50 / 1e6,
            PercentOfCopy = Bytes > 0 ? 100 * gb / copyGbPerS : null,
            PeakBytes = growth + job.HeldBytes,
        };
    }
}

/// <summary>Work ready to run.</summary>
/// <param name="Run">Does it once.</param>
/// <param name="Held">Its inputs, and whatever else stays in memory from run to run.</param>
internal sealed record Job(Action Run, params IReadOnlyList<IHeld> Held) : IDisposable
{
    /// <summary>Memory of what is held.</summary>
    internal long HeldBytes => Held.Sum(each => each.Bytes);

    public void Dispose()
    {
        foreach (IHeld each in Held)
            each.Dispose();
    }
}

/// <summary>Something that holds memory.</summary>
internal interface IHeld : IDisposable
{
    /// <summary>How much.</summary>
    long Bytes { get; }
}
