using System.Globalization;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Pictures;

namespace IlgpuVae.Bench;

/// <summary>
/// How a step's time and memory grow with B, N and D over two decades each, and with K to 65,536. The expected time is the roofline's: for every launch the
/// larger of bytes over the copy bandwidth and operations over the multiply-add peak, and the time of an empty launch. Memory is affine in each quantity; the
/// expected one is the line through the ends.
/// </summary>
internal sealed class ScaleProfile(ComputeDevice device, bool quick)
{
    private const int Pixels = 784, Hidden = 256, Embedded = 64, Batch = 128, Categories = 64;
    private const int MostCategories = 1 << 16;
    private const double Mebibyte = 1 << 20;

    private readonly Timing timing = new(device, quick);

    /// <summary>Measures all laws and writes a plot of each to <paramref name="folder"/>.</summary>
    internal (Peaks Peaks, IReadOnlyList<BenchRow> Rows) Run(string folder, Progress progress)
    {
        Peaks peaks = Peaks.Measure(device, timing);
        progress.Say(peaks);
        Directory.CreateDirectory(folder);
        ScaleLaw[] laws = [.. Laws()];
        progress.Start(laws.Sum(law => law.Values.Count));
        List<BenchRow> rows = [];
        foreach (ScaleLaw law in laws)
        {
            BenchRow[] measured = [.. law.Values.Select(value => Measure(law.Step(value), peaks, progress))];
            rows.AddRange(Memory(law, measured));
            Plot(law, rows[^measured.Length..]).Save(Path.Combine(folder, $"scale-{law.Quantity.ToLowerInvariant()}.png"));
            progress.Say(string.Create(
                CultureInfo.InvariantCulture,
                $"{law.Quantity}: the last step of the sweep grows as {law.Quantity}^{Slope(law, row => row.Ms.P50, measured):F2}, expected "
                    + $"{law.Quantity}^{Slope(law, row => row.ExpectedMs!.Value, measured):F2}"));
        }

        progress.End();
        return (peaks, rows);
    }

    /// <summary>The exponent of the power law between the last two values.</summary>
    internal static double Slope(ScaleLaw law, Func<BenchRow, double> cost, IReadOnlyList<BenchRow> rows) =>
        Math.Log(cost(rows[^1]) / cost(rows[^2])) / Math.Log((double)law.Values[^1] / law.Values[^2]);

    /// <summary>The rows with the memory that a straight line through the first and the last predicts.</summary>
    internal static IEnumerable<BenchRow> Memory(ScaleLaw law, IReadOnlyList<BenchRow> rows)
    {
        (double first, double last) = (rows[0].PeakBytes!.Value, rows[^1].PeakBytes!.Value);
        double slope = (last - first) / (law.Values[^1] - law.Values[0]);
        return rows.Select((row, i) => row with { ExpectedBytes = (long)(first + (slope * (law.Values[i] - law.Values[0]))) });
    }

    /// <summary>Two decades each, and more of K; smaller steps where groups are simulated.</summary>
    internal IEnumerable<ScaleLaw> Laws()
    {
        bool simulated = device.Kind() == DeviceKind.Simulated;
        (int pixels, int hidden, int batch) = simulated ? (64, 32, 16) : (Pixels, Hidden, Batch);
        int[] decades = quick ? [10, 32, 100, 320, 1000] : [10, 18, 32, 56, 100, 180, 320, 560, 1000];
        IReadOnlyList<int> From(double first) => [.. decades.Select(value => (int)Math.Round(value * first / decades[0]))];
        yield return new ScaleLaw("B", "exact step", From(8), b => StepWorks.Exact(b, Categories, pixels, hidden, Embedded));
        yield return new ScaleLaw(
            "K", "exact step", simulated ? From(10) : [.. From(10), 4096, 16384, MostCategories], k => StepWorks.Exact(batch, k, pixels, hidden, Embedded));
        yield return new ScaleLaw("N", "gumbel-softmax step", From(1), n => StepWorks.GumbelSoftmax(simulated ? 10 : 100, n, 10, pixels));
        yield return new ScaleLaw("D", "exact step", From(simulated ? 10 : 64), d => StepWorks.Exact(batch, Categories, d, hidden, Embedded));
    }

    private BenchRow Measure(StepWork work, Peaks peaks, Progress progress)
    {
        progress.Next($"{work.Work} {work.Shape}");
        BenchRow row = StepProfile.Measure(device, timing, work, asGraph: true, withKernels: false, peaks);
        progress.Show(row);
        return row;
    }

    private static LossCurve Plot(ScaleLaw law, IReadOnlyList<BenchRow> rows)
    {
        CurveSeries Line(string name, Func<BenchRow, double> value, bool dashed) =>
            new(name, [.. rows.Select((row, i) => ((double)law.Values[i], value(row)))], dashed);
        return new LossCurve(
            $"{law.Work}: cost against {law.Quantity}",
            [
                new ChartPanel("ms a step", [Line("measured", row => row.Ms.P50, false), Line("roofline", row => row.ExpectedMs!.Value, true)]),
                new ChartPanel(
                    "MiB of device memory",
                    [Line("measured", row => row.PeakBytes!.Value / Mebibyte, false), Line("straight line", row => row.ExpectedBytes!.Value / Mebibyte, true)]),
            ])
        {
            Across = law.Quantity,
            Logarithmic = true,
        };
    }
}

/// <summary>A quantity that a step's cost is measured against.</summary>
/// <param name="Quantity">Its letter.</param>
/// <param name="Work">The step.</param>
/// <param name="Values">The values, rising.</param>
/// <param name="Step">The step at a value.</param>
internal sealed record ScaleLaw(string Quantity, string Work, IReadOnlyList<int> Values, Func<int, StepWork> Step);
