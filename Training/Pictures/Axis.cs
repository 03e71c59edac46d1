using System.Globalization;

namespace IlgpuVae.Training.Pictures;

/// <summary>A linear or logarithmic axis with round tick values.</summary>
internal sealed class Axis
{
    private static readonly double[] fineTicks = [1, 2, 5], coarseTicks = [1];

    private readonly double step;

    private Axis(double low, double high, int ticks, double finest)
    {
        Low = low;
        High = high;
        double rough = (high - low) / ticks;
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        step = Math.Max(finest, power * ((rough / power) switch { <= 1.0001 => 1, <= 2.0001 => 2, <= 5.0001 => 5, _ => 10 }));
    }

    private Axis(double low, double high, int ticks)
    {
        (Low, High, IsLogarithmic) = (Math.Log10(low), Math.Log10(high), true);
        step = High - Low <= ticks / 3.0 ? 1.0 / fineTicks.Length : Math.Ceiling((High - Low) / ticks);
    }

    /// <summary>The lower end; on a logarithmic axis its exponent of ten.</summary>
    internal double Low { get; }

    /// <summary>The upper end, likewise.</summary>
    internal double High { get; }

    /// <summary>Whether equal distances are equal factors.</summary>
    internal bool IsLogarithmic { get; }

    private bool Scientific => Math.Max(Math.Abs(Low), Math.Abs(High)) is < 1e-3 or >= 1e9;

    /// <summary>An axis over the given range, widened where the range is too narrow to tell its ends apart.</summary>
    /// <param name="low">Lowest value to show.</param>
    /// <param name="high">Highest value to show.</param>
    /// <param name="ticks">About how many ticks there should be.</param>
    /// <param name="padding">Room at both ends, as a share of the range.</param>
    /// <param name="finest">Smallest distance of two ticks: 1 for whole numbers.</param>
    internal static Axis Over(double low, double high, int ticks, double padding, double finest = 0)
    {
        double size = Math.Max(Math.Abs(low), Math.Abs(high));
        double least = high > low ? Math.Max(1e-9, size * 1e-4) : Math.Max(1, size * 0.1);
        double missing = Math.Max(0, least - (high - low)) / 2;
        (low, high) = (low - missing, high + missing);
        double pad = (high - low) * padding;
        return new Axis(low - pad, high + pad, ticks, finest);
    }

    /// <summary>A logarithmic axis over the given range of positive values, widened to at least a factor of two.</summary>
    /// <param name="low">Lowest value to show.</param>
    /// <param name="high">Highest value to show.</param>
    /// <param name="ticks">About how many ticks there should be.</param>
    internal static Axis Logarithmic(double low, double high, int ticks)
    {
        const double least = 2, padding = 1.1;
        double missing = Math.Sqrt(Math.Max(1, least / (high / low)));
        return new Axis(low / missing / padding, high * missing * padding, ticks);
    }

    internal IEnumerable<double> Ticks()
    {
        if (IsLogarithmic)
            return LogarithmicTicks();
        return LinearTicks();
    }

    private IEnumerable<double> LogarithmicTicks()
    {
        int decades = (int)Math.Max(1, step);
        double[] within = step < 1 ? fineTicks : coarseTicks;
        for (int exponent = (int)Math.Floor(Low / decades) * decades; exponent <= High; exponent += decades)
        {
            foreach (double tick in within.Select(each => each * Math.Pow(10, exponent)).Where(tick => Math.Log10(tick) >= Low && Math.Log10(tick) <= High))
                yield return tick;
        }
    }

    private IEnumerable<double> LinearTicks()
    {
        // By number, not by adding up: a sum might stop growing and never reach the end.
        double first = Math.Ceiling(Low / step);
        for (int i = 0; i < 50 && (first + i) * step <= High; i++)
            yield return (first + i) * step;
    }

    /// <summary>Where a value lies between the pixels of the two ends.</summary>
    internal float Place(double value, float low, float high) =>
        (float)(low + (((IsLogarithmic ? Math.Log10(value) : value) - Low) / (High - Low) * (high - low)));

    /// <summary>A tick's text, with no more digits than the ticks need.</summary>
    internal string Label(double value)
    {
        if (IsLogarithmic)
            return Rounded(value);
        if (Math.Abs(value) < step / 2)
            return "0";
        if (Scientific)
            return value.ToString("0.######e0", CultureInfo.InvariantCulture);
        (double unit, string suffix) = (Math.Abs(High), step) switch
        {
            ( >= 1e6, >= 1e4) => (1e6, "M"),
            ( >= 1e4, >= 100) => (1e3, "k"),
            _ => (1.0, ""),
        };
        return (value / unit).ToString(suffix.Length > 0 ? "0.##" : Digits(0), CultureInfo.InvariantCulture) + suffix;
    }

    /// <summary>A value's text, two digits finer than the ticks'.</summary>
    internal string Exact(double value) => IsLogarithmic ? Rounded(value) : Scientific
        ? value.ToString("0.######e0", CultureInfo.InvariantCulture)
        : value.ToString(Digits(2), CultureInfo.InvariantCulture);

    // Three digits, whatever the size.
    private static string Rounded(double value)
    {
        (double unit, string suffix) = value switch { >= 1e9 => (1e9, "G"), >= 1e6 => (1e6, "M"), >= 1e4 => (1e3, "k"), _ => (1.0, "") };
        return (value / unit).ToString(value / unit >= 100 ? "F0" : "G3", CultureInfo.InvariantCulture) + suffix;
    }

    private string Digits(int more) =>
        "F" + Math.Max(0, more - (int)Math.Floor(Math.Log10(step) + 1e-9)).ToString(CultureInfo.InvariantCulture);
}
