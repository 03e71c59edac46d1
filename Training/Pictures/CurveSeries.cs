using IlgpuVae.Training.Runs;

namespace IlgpuVae.Training.Pictures;

/// <summary>A line of a chart.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Points">Values by step, in the order of steps. A value that is not finite interrupts the line.</param>
/// <param name="Dashed">Whether the line is dashed.</param>
internal sealed record CurveSeries(string Name, IReadOnlyList<(double Step, double Value)> Points, bool Dashed = false)
{
    // Beyond this, ranges overflow; nothing that trains gets there.
    private const double Largest = 1e30;

    /// <summary>The rows of a log that have the value <paramref name="key"/>.</summary>
    public static CurveSeries From(IEnumerable<MetricsRow> rows, string key, string name, bool dashed = false) =>
        new(name, [.. rows.Where(row => row.Values.ContainsKey(key)).Select(row => ((double)row.Step, row.Values[key]))], dashed);

    internal static bool IsDrawable((double Step, double Value) point) =>
        Math.Abs(point.Step) <= Largest && Math.Abs(point.Value) <= Largest;

    internal IEnumerable<(double Step, double Value)> Drawable => Points.Where(IsDrawable);
}
