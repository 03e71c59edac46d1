using System.Runtime.Intrinsics;
using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Bench;

/// <summary>What the machine can do, measured in the run that it is compared with.</summary>
/// <param name="CopyGbPerS">Bandwidth of copying arrays larger than every cache, read plus written.</param>
/// <param name="StreamGbPerS">The best of copying and of updating two arrays in place from two others: above copying where a store first reads what it
/// overwrites.</param>
/// <param name="GflopPerS">Float32 multiply-adds in registers, two operations each.</param>
/// <param name="LaunchMs">A launch that does nothing, in a batch.</param>
internal sealed record Peaks(double CopyGbPerS, double StreamGbPerS, double GflopPerS, double LaunchMs)
{
    // Peaks are the fastest of many samples and rows medians, but not of the same moment: on a shared machine bandwidth comes and goes.
    private const double Noise = 1.1;

    // Beyond the last-level cache of any machine with that many cores, and long enough that a launch does not count.
    private const int ProcessorFloats = 16 << 20, GraphicsFloats = 100 << 20, SimulatedFloats = 1 << 20;

    private const int Sets = 3;

    /// <summary>The better of both measurements of each peak.</summary>
    internal Peaks Better(Peaks other) => new(
        Math.Max(CopyGbPerS, other.CopyGbPerS), Math.Max(StreamGbPerS, other.StreamGbPerS), Math.Max(GflopPerS, other.GflopPerS),
            Math.Min(LaunchMs, other.LaunchMs));

    /// <summary>The least time that a cost can take, milliseconds.</summary>
    internal double LeastMs(KernelCost cost) => LaunchMs + Math.Max(CopyMs(cost), MultiplyAddMs(cost));

    /// <summary>A row with its shares of these peaks.</summary>
    /// <param name="row">The row, with bytes, flops and time.</param>
    /// <param name="fitsCache">Whether what it reads and writes stays in a cache.</param>
    /// <param name="plain">Whether its operations are float32 multiply-adds, and not those of TF32's units.</param>
    internal BenchRow Share(BenchRow row, bool fitsCache, bool plain = true)
    {
        KernelCost cost = new(row.Bytes ?? 0, row.Flops ?? 0);
        (string Roof, double Ms)[] roofs = [("copy", fitsCache ? 0 : CopyMs(cost)), ("multiply-add", plain ? MultiplyAddMs(cost) : 0), ("launch", LaunchMs)];
        (string roof, double ms) = roofs.MaxBy(each => each.Ms);
        return row with
        {
            PercentOfCopy = 100 * row.GbPerS / CopyGbPerS,
            PercentOfPeak = plain ? 100 * row.GflopPerS / GflopPerS : null,
            Roof = roof,
            PercentOfRoof = 100 * ms / row.Ms.P50,
            FitsCache = fitsCache,
        };
    }

    /// <summary>Why a row cannot be true, or null.</summary>
    internal string? Fault(BenchRow row)
    {
        if (row.FitsCache == false && row.GbPerS > Noise * StreamGbPerS)
            return $"{row.Work} {row.Shape} moves {row.GbPerS:F1} GB/s where {StreamGbPerS:F1} were measured at most: that is a fault of the bench.";
        return row.PercentOfPeak is { } share && share > 100 * Noise
            ? $"{row.Work} {row.Shape} makes {row.GflopPerS:F0} GFLOP/s where {GflopPerS:F0} were measured at most: that is a fault of the bench."
            : null;
    }

    /// <summary>Measures all of them, in a second or two.</summary>
    internal static Peaks Measure(ComputeDevice device, Timing timing)
    {
        int n = device.Kind() switch { DeviceKind.Simulated => SimulatedFloats, DeviceKind.Processor => ProcessorFloats, _ => GraphicsFloats };
        using Arena arena = new(device);
        LaunchList copies = new(device), pairCopies = new(device), vectorCopies = new(device), updates = new(device), empty = new(device);
        KernelCost copied = KernelCost.Floats(2L * n, 0);
        for (int set = 0; set < Sets; set++)
        {
            ArrayView<float> from = arena.Allocate<float>(n, MemoryUse.Data), to = arena.Allocate<float>(n, MemoryUse.Data);
            copies.Elements("copy", n, new CopyBody(from, to), copied);
            if (device.Style != LaunchStyle.Processor)
                vectorCopies.Elements("copy", n / Vector4.Width, new VectorCopyBody<Vector4>(from, to), copied);
            else if (Vector512.IsHardwareAccelerated)
                vectorCopies.Elements("copy", n / OneOf512.Width, new VectorCopyBody<OneOf512>(from, to), copied);
            else
                vectorCopies.Elements("copy", n / TwoOf256.Width, new VectorCopyBody<TwoOf256>(from, to), copied);
            int half = n / 2;
            ArrayView<float> x = from.SubView(0, half), y = from.SubView(half, half), a = to.SubView(0, half), b = to.SubView(half, half);
            pairCopies.Elements("copy", half, new PairCopyBody(x, y, a, b), copied);
            updates.Elements("update", half, new UpdateBody(x, y, a, b), KernelCost.Floats(6L * half, 0));
        }

        ArrayView<float> nothing = arena.Allocate<float>(1, MemoryUse.Data);
        empty.Elements("nothing", 1, new NothingBody(nothing), default);
        double Bandwidth(LaunchList list) => list.Launches[0].Cost.Bytes / timing.Fastest(list.Launches) / 1e6;
        double copy = new[] { copies, pairCopies, vectorCopies }.Max(Bandwidth);
        return new Peaks(
            copy,
            Math.Max(copy, Bandwidth(updates)),
            MultiplyAddPeak.Measure(device, timing, arena),
            timing.Fastest(empty.Launches));
    }

    private double CopyMs(KernelCost cost) => cost.Bytes / CopyGbPerS / 1e6;

    private double MultiplyAddMs(KernelCost cost) => cost.Flops / GflopPerS / 1e6;

    internal readonly struct CopyBody(ArrayView<float> from, ArrayView<float> to) : IElementBody
    {
        public void At(int i) => to[i] = from[i];
    }

    internal readonly struct PairCopyBody(ArrayView<float> x, ArrayView<float> y, ArrayView<float> a, ArrayView<float> b) : IElementBody
    {
        public void At(int i)
        {
            a[i] = x[i];
            b[i] = y[i];
        }
    }

    internal readonly struct UpdateBody(ArrayView<float> x, ArrayView<float> y, ArrayView<float> a, ArrayView<float> b) : IElementBody
    {
        public void At(int i)
        {
            a[i] += x[i];
            b[i] += y[i];
        }
    }

    internal readonly struct VectorCopyBody<TVector>(ArrayView<float> from, ArrayView<float> to) : IElementBody
        where TVector : struct, IVector<TVector>
    {
        public void At(int i) => TVector.Store(TVector.Load(from, i * TVector.Width), to, i * TVector.Width);
    }

    internal readonly struct NothingBody(ArrayView<float> value) : IElementBody
    {
        public void At(int i) => value[i] = 0f;
    }
}
