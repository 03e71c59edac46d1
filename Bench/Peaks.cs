using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Bench;

/// <summary>What the machine can do, measured in the run that it is compared with.</summary>
/// <param name="CopyGbPerS">Bandwidth of copying arrays larger than every cache, read plus written.</param>
/// <param name="StreamGbPerS">The best of copying, reading alone and updating in place: above copying where a store first reads what it overwrites.</param>
/// <param name="GflopPerS">Float32 multiply-adds in registers, two operations each.</param>
/// <param name="LaunchMs">A launch that does nothing, in a batch.</param>
internal sealed record Peaks(double CopyGbPerS, double StreamGbPerS, double GflopPerS, double LaunchMs)
{
    // Peaks are the fastest of many samples, rows medians: what is above them by more than this is no noise.
    private const double Noise = 1.05;

    // Beyond the last-level cache of any machine with that many cores, and long enough that a launch does not count.
    private const int ProcessorFloats = 16 << 20, GraphicsFloats = 100 << 20, SimulatedFloats = 1 << 20;

    private const int Sets = 3;
    private const int ReadRow = 1 << 15;

    /// <summary>The better of both measurements of each peak.</summary>
    internal Peaks Better(Peaks other) => new(
        Math.Max(CopyGbPerS, other.CopyGbPerS), Math.Max(StreamGbPerS, other.StreamGbPerS), Math.Max(GflopPerS, other.GflopPerS), Math.Min(LaunchMs, other.LaunchMs));

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

    /// <summary>Measures all of them.</summary>
    internal static Peaks Measure(ComputeDevice device, Timing timing)
    {
        int n = device.Type == ILGPU.Runtime.AcceleratorType.CPU ? SimulatedFloats : device.Style == LaunchStyle.OneLane ? ProcessorFloats : GraphicsFloats;
        using Arena arena = new(device);
        LaunchList copies = new(device), vectorCopies = new(device), reads = new(device), updates = new(device), empty = new(device);
        KernelCost copied = KernelCost.Floats(2L * n, 0), read = KernelCost.Floats(n, n);
        for (int set = 0; set < Sets; set++)
        {
            ArrayView<float> from = arena.Allocate<float>(n, MemoryUse.Data), to = arena.Allocate<float>(n, MemoryUse.Data);
            copies.Elements("copy", n, new CopyBody(from, to), copied);
            updates.Elements("update", n, new UpdateBody(to), copied);
            if (device.Style == LaunchStyle.OneLane)
            {
                vectorCopies.Elements("copy", n / Vector16.Width, new VectorCopyBody<Vector16>(from, to), copied);
                reads.Rows<OneLane, ReadRows<OneLane, Vector16>>("read", n / ReadRow, ReadRow, new(from, to), read);
            }
            else
            {
                vectorCopies.Elements("copy", n / Vector4.Width, new VectorCopyBody<Vector4>(from, to), copied);
                reads.Rows<OneGroup, ReadRows<OneGroup, Vector4>>("read", n / ReadRow, ReadRow, new(from, to), read);
            }
        }

        ArrayView<float> nothing = arena.Allocate<float>(1, MemoryUse.Data);
        empty.Elements("nothing", 1, new NothingBody(nothing), default);
        double Bandwidth(LaunchList list) => list.Launches[0].Cost.Bytes / timing.Measure(list.Launches).P20 / 1e6;
        double copy = Math.Max(Bandwidth(copies), Bandwidth(vectorCopies));
        return new Peaks(
            copy,
            Math.Max(copy, Math.Max(Bandwidth(reads), Bandwidth(updates))),
            MultiplyAddPeak.Measure(device, timing, arena),
            timing.Measure(empty.Launches).P20);
    }

    private double CopyMs(KernelCost cost) => cost.Bytes / CopyGbPerS / 1e6;

    private double MultiplyAddMs(KernelCost cost) => cost.Flops / GflopPerS / 1e6;

    internal readonly struct CopyBody(ArrayView<float> from, ArrayView<float> to) : IElementBody
    {
        public void At(int i) => to[i] = from[i];
    }

    internal readonly struct UpdateBody(ArrayView<float> values) : IElementBody
    {
        public void At(int i) => values[i] += 1f;
    }

    internal readonly struct VectorCopyBody<TVector>(ArrayView<float> from, ArrayView<float> to) : IElementBody
        where TVector : struct, IVector<TVector>
    {
        public void At(int i) => TVector.Store(TVector.Load(from, i * TVector.Width), to, i * TVector.Width);
    }

    /// <summary>Sums rows; it stores whole vectors of sums, since compilers for processors vectorise from stores.</summary>
    internal readonly struct ReadRows<TTeam, TVector>(ArrayView<float> from, ArrayView<float> sums) : IRowBody
        where TTeam : struct, ITeam
        where TVector : struct, IVector<TVector>
    {
        private const int Chains = 4;

        public void Row(int row)
        {
            int start = row * ReadRow;
            int stride = TTeam.Lanes * TVector.Width;
            TVector s0 = TVector.Fill(0f), s1 = s0, s2 = s0, s3 = s0;
            for (int i = start + (TTeam.Lane * TVector.Width); i < start + ReadRow; i += Chains * stride)
            {
                s0 += TVector.Load(from, i);
                s1 += TVector.Load(from, i + stride);
                s2 += TVector.Load(from, i + (2 * stride));
                s3 += TVector.Load(from, i + (3 * stride));
            }

            TVector.Store(s0 + s1 + (s2 + s3), sums, ((row * TTeam.Lanes) + TTeam.Lane) * TVector.Width);
        }
    }

    internal readonly struct NothingBody(ArrayView<float> value) : IElementBody
    {
        public void At(int i) => value[i] = 0f;
    }
}
