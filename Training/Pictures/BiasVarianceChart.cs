using System.Globalization;
using SkiaSharp;

namespace IlgpuVae.Training.Pictures;

/// <summary>One estimator in a chart of bias against variance.</summary>
/// <param name="Name">What stands beside the dot.</param>
/// <param name="Bias">Its bias.</param>
/// <param name="Variance">Its variance.</param>
/// <param name="Cost">Its cost; the dot's area grows with it.</param>
/// <param name="Floor">The bias that noise leads to; nothing below it can be read off.</param>
/// <param name="Hollow">Whether no bias was found.</param>
internal sealed record BiasVariancePoint(string Name, double Bias, double Variance, double Cost, double Floor, bool Hollow);

/// <summary>Estimators by variance (across) and bias (up), both logarithmic, cost as area.</summary>
/// <param name="Title">Line above the chart.</param>
/// <param name="Points">The estimators.</param>
internal sealed record BiasVarianceChart(string Title, IReadOnlyList<BiasVariancePoint> Points)
{
    private const float Width = 1000;
    private const float Height = 700;
    private const float SmallestDot = 4;
    private const float LargestDot = 16;

    // What rounding leaves of 0; it stands a decade below the smallest number that is not 0.
    private const double Zero = 1e-9;

    private static readonly SKRect Plot = new(84, Page.Margin + Page.TitleHeight + 46, Width - 40, Height - 64);

    /// <summary>Writes the picture as PNG.</summary>
    public void Save(string path) => Page.Save(path, Width, Height, canvas =>
    {
        Page.Title(canvas, Title);
        StrokeFont.Draw(
            canvas,
            "area: time a step.  hollow: no bias found, drawn at the noise of its mean where that is more than its bias",
            new SKPoint(Page.Margin, Page.Margin + Page.TitleHeight + 22),
            Page.TextHeight,
            Page.Soft);
        BiasVariancePoint[] drawable = Drawable();
        (LogarithmicAxis across, LogarithmicAxis up) = Axes(drawable);
        DrawAxes(canvas, across, up);
        (SKPoint Centre, float Radius)[] dots = Dots();
        for (int i = 0; i < drawable.Length; i++)
            DrawDot(canvas, dots[i].Centre, dots[i].Radius, Page.Colour(i), drawable[i].Hollow);
        DrawNames(canvas, drawable, dots);
    });

    /// <summary>Where the dots of the points lie, those left out that are not finite.</summary>
    internal (SKPoint Centre, float Radius)[] Dots()
    {
        BiasVariancePoint[] drawable = Drawable();
        (LogarithmicAxis across, LogarithmicAxis up) = Axes(drawable);
        double most = drawable.Select(point => point.Cost).Append(double.Epsilon).Max();
        return [.. drawable.Select(point => (
            new SKPoint(across.Place(point.Variance, Plot.Left, Plot.Right), up.Place(Shown(point), Plot.Bottom, Plot.Top)),
            Math.Max(SmallestDot, LargestDot * (float)Math.Sqrt(point.Cost / most))))];
    }

    private BiasVariancePoint[] Drawable() =>
        [.. Points.Where(point => double.IsFinite(point.Bias) && double.IsFinite(point.Variance) && double.IsFinite(point.Cost))];

    private static (LogarithmicAxis Across, LogarithmicAxis Up) Axes(BiasVariancePoint[] points) =>
        (new LogarithmicAxis([.. points.Select(point => point.Variance)]), new LogarithmicAxis([.. points.Select(Shown)]));

    private static double Shown(BiasVariancePoint point) => point.Hollow ? Math.Max(point.Bias, point.Floor) : point.Bias;

    private static void DrawDot(SKCanvas canvas, SKPoint centre, float radius, SKColor colour, bool hollow)
    {
        using SKPaint paint = new()
        {
            Color = hollow ? colour : colour.WithAlpha(0xB0),
            IsAntialias = true,
            Style = hollow ? SKPaintStyle.Stroke : SKPaintStyle.Fill,
            StrokeWidth = 1.8f,
        };
        canvas.DrawCircle(centre, radius, paint);
    }

    private static void DrawAxes(SKCanvas canvas, LogarithmicAxis across, LogarithmicAxis up)
    {
        foreach ((double tick, string label) in across.Ticks())
        {
            float x = MathF.Round(across.Place(tick, Plot.Left, Plot.Right)) + 0.5f;
            Page.Stroke(canvas, new SKPoint(x, Plot.Top), new SKPoint(x, Plot.Bottom), Page.Grid);
            StrokeFont.Draw(canvas, label, new SKPoint(x, Plot.Bottom + 8 + Page.TextHeight), Page.TextHeight, Page.Soft, SKTextAlign.Center);
        }

        foreach ((double tick, string label) in up.Ticks())
        {
            float y = MathF.Round(up.Place(tick, Plot.Bottom, Plot.Top)) + 0.5f;
            Page.Stroke(canvas, new SKPoint(Plot.Left, y), new SKPoint(Plot.Right, y), Page.Grid);
            StrokeFont.Draw(canvas, label, new SKPoint(Plot.Left - 8, y + (Page.TextHeight / 2)), Page.TextHeight, Page.Soft, SKTextAlign.Right);
        }

        Page.Stroke(canvas, new SKPoint(Plot.Left, Plot.Bottom), new SKPoint(Plot.Right, Plot.Bottom), Page.Line);
        Page.Stroke(canvas, new SKPoint(Plot.Left, Plot.Top), new SKPoint(Plot.Left, Plot.Bottom), Page.Line);
        StrokeFont.Draw(canvas, "variance of a draw / |exact gradient|^2", new SKPoint(Plot.MidX, Height - 18), Page.TextHeight, Page.Ink, SKTextAlign.Center);
        StrokeFont.DrawUpwards(canvas, "bias / |exact gradient|", new SKPoint(Page.Margin + Page.TextHeight, Plot.MidY + 60), Page.TextHeight, Page.Ink);
    }

    // Each name beside its dot, or as near as what is drawn already leaves room.
    private static void DrawNames(SKCanvas canvas, BiasVariancePoint[] points, (SKPoint Centre, float Radius)[] dots)
    {
        List<SKRect> taken =
        [
            .. dots.Select(dot => new SKRect(dot.Centre.X - dot.Radius, dot.Centre.Y - dot.Radius, dot.Centre.X + dot.Radius, dot.Centre.Y + dot.Radius)),
        ];
        for (int i = 0; i < points.Length; i++)
        {
            (SKPoint centre, float radius) = dots[i];
            SKRect[] places = [.. Places(centre, radius, StrokeFont.Measure(points[i].Name, Page.TextHeight))];
            SKRect place = places.FirstOrDefault(
                candidate =>
                    candidate.Left >= Plot.Left && candidate.Right <= Width - 4 && candidate.Top >= Plot.Top && candidate.Bottom <= Plot.Bottom
                        && !taken.Exists(candidate.IntersectsWith),
                places[0]);
            taken.Add(place);
            if (Math.Abs(place.MidY - centre.Y) >= Page.TextHeight)
                Page.Stroke(canvas, centre, new SKPoint(Math.Clamp(centre.X, place.Left, place.Right), place.MidY), Page.Line);
            StrokeFont.Draw(canvas, points[i].Name, new SKPoint(place.Left + 2, place.Bottom - 2), Page.TextHeight, Page.Ink);
        }
    }

    private static IEnumerable<SKRect> Places(SKPoint centre, float radius, float width)
    {
        const float height = Page.TextHeight + 4;
        for (int row = 0; row < 24; row++)
        {
            // 0, -1, 1, -2, 2, ...
            float y = centre.Y - (height / 2) + ((row + 1) / 2 * height * (row % 2 == 1 ? -1 : 1));
            yield return new SKRect(centre.X + radius + 3, y, centre.X + radius + 3 + width + 4, y + height);
            yield return new SKRect(centre.X - radius - 7 - width, y, centre.X - radius - 3, y + height);
        }
    }

    private sealed class LogarithmicAxis
    {
        private readonly Axis exponents;
        private readonly double zero;
        private readonly bool hasZero;

        internal LogarithmicAxis(double[] values)
        {
            double[] logarithms = [.. values.Where(value => value > Zero).Select(Math.Log10).DefaultIfEmpty(0)];
            hasZero = logarithms.Length < values.Length;
            zero = Math.Floor(logarithms.Min()) - 1;
            exponents = Axis.Over(hasZero ? zero : zero + 1, Math.Ceiling(logarithms.Max()), 8, 0.05, finest: 1);
        }

        internal float Place(double value, float low, float high) => exponents.Place(value > Zero ? Math.Log10(value) : zero, low, high);

        internal IEnumerable<(double Value, string Label)> Ticks()
        {
            foreach (double exponent in exponents.Ticks().Where(exponent => exponent > zero))
                yield return (
                    Math.Pow(10, exponent), Math.Abs(exponent) <= 3 ? Math.Pow(10, exponent).ToString(CultureInfo.InvariantCulture) : $"1e{exponent}");
            if (hasZero)
                yield return (0, "0");
        }
    }
}
