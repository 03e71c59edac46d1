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
public sealed record BiasVariancePoint(string Name, double Bias, double Variance, double Cost, double Floor, bool Hollow);

/// <summary>Estimators by variance (across) and bias (up), both logarithmic, cost as area.</summary>
/// <param name="Title">Line above the chart.</param>
/// <param name="Points">The estimators.</param>
public sealed record BiasVarianceChart(string Title, IReadOnlyList<BiasVariancePoint> Points)
{
    private const float Width = 1000;
    private const float Height = 700;
    private const float SmallestDot = 4;
    private const float LargestDot = 16;

    // Nothing has a logarithm below this; what lies lower stands on the axis.
    private const double Least = 1e-6;

    private static readonly SKRect Plot = new(84, Page.Margin + Page.TitleHeight + 46, Width - 40, Height - 64);

    /// <summary>Writes the picture as PNG.</summary>
    public void Save(string path)
    {
        BiasVariancePoint[] drawable = [.. Points.Where(point => double.IsFinite(point.Bias) && double.IsFinite(point.Variance) && double.IsFinite(point.Cost))];
        Axis across = Over(drawable.Select(point => point.Variance)), up = Over(drawable.Select(Shown));
        Page.Save(path, Width, Height, canvas =>
        {
            Page.Title(canvas, Title);
            StrokeFont.Draw(
                canvas,
                "area: time a step.  hollow: no bias found, drawn at the noise of its mean where that is more than its bias",
                new SKPoint(Page.Margin, Page.Margin + Page.TitleHeight + 22),
                Page.TextHeight,
                Page.Soft);
            DrawAxes(canvas, across, up);
            SKPoint[] centres = [.. drawable.Select(point => Centre(point, across, up))];
            float[] radii = [.. drawable.Select(point => Radius(point, drawable))];
            for (int i = 0; i < drawable.Length; i++)
                DrawDot(canvas, centres[i], radii[i], Page.Colour(i), drawable[i].Hollow);
            DrawNames(canvas, drawable, centres, radii);
        });
    }

    /// <summary>Where a value stands: its logarithm, or the axis where it has none.</summary>
    private static double Logarithm(double value) => Math.Log10(Math.Max(value, Least));

    private static double Shown(BiasVariancePoint point) => point.Hollow ? Math.Max(point.Bias, point.Floor) : point.Bias;

    private static Axis Over(IEnumerable<double> values)
    {
        double[] logarithms = [.. values.Select(Logarithm).DefaultIfEmpty(0)];
        return Axis.Over(Math.Floor(logarithms.Min()), Math.Ceiling(logarithms.Max()), 8, 0.04, finest: 1);
    }

    private static SKPoint Centre(BiasVariancePoint point, Axis across, Axis up) => new(
        across.Place(Logarithm(point.Variance), Plot.Left, Plot.Right),
        up.Place(Logarithm(Shown(point)), Plot.Bottom, Plot.Top));

    private static float Radius(BiasVariancePoint point, BiasVariancePoint[] all) =>
        Math.Max(SmallestDot, LargestDot * (float)Math.Sqrt(point.Cost / Math.Max(all.Max(other => other.Cost), double.Epsilon)));

    private static void DrawDot(SKCanvas canvas, SKPoint centre, float radius, SKColor colour, bool hollow)
    {
        using SKPaint paint = new() { Color = hollow ? colour : colour.WithAlpha(0xB0), IsAntialias = true, Style = hollow ? SKPaintStyle.Stroke : SKPaintStyle.Fill, StrokeWidth = 1.8f };
        canvas.DrawCircle(centre, radius, paint);
    }

    private static void DrawAxes(SKCanvas canvas, Axis across, Axis up)
    {
        foreach (double tick in across.Ticks())
        {
            float x = MathF.Round(across.Place(tick, Plot.Left, Plot.Right)) + 0.5f;
            Page.Stroke(canvas, new SKPoint(x, Plot.Top), new SKPoint(x, Plot.Bottom), Page.Grid);
            StrokeFont.Draw(canvas, Label(tick), new SKPoint(x, Plot.Bottom + 8 + Page.TextHeight), Page.TextHeight, Page.Soft, SKTextAlign.Center);
        }

        foreach (double tick in up.Ticks())
        {
            float y = MathF.Round(up.Place(tick, Plot.Bottom, Plot.Top)) + 0.5f;
            Page.Stroke(canvas, new SKPoint(Plot.Left, y), new SKPoint(Plot.Right, y), Page.Grid);
            StrokeFont.Draw(canvas, Label(tick), new SKPoint(Plot.Left - 8, y + (Page.TextHeight / 2)), Page.TextHeight, Page.Soft, SKTextAlign.Right);
        }

        Page.Stroke(canvas, new SKPoint(Plot.Left, Plot.Bottom), new SKPoint(Plot.Right, Plot.Bottom), Page.Line);
        Page.Stroke(canvas, new SKPoint(Plot.Left, Plot.Top), new SKPoint(Plot.Left, Plot.Bottom), Page.Line);
        StrokeFont.Draw(canvas, "variance of a draw / |exact gradient|^2", new SKPoint(Plot.MidX, Height - 18), Page.TextHeight, Page.Ink, SKTextAlign.Center);
        StrokeFont.DrawUpwards(canvas, "bias / |exact gradient|", new SKPoint(Page.Margin + Page.TextHeight, Plot.MidY + 60), Page.TextHeight, Page.Ink);
    }

    private static string Label(double exponent) => exponent <= Math.Log10(Least) ? "0" : Math.Pow(10, exponent).ToString("G3", CultureInfo.InvariantCulture);

    // Each name beside its dot, or as near as what is drawn already leaves room.
    private static void DrawNames(SKCanvas canvas, BiasVariancePoint[] points, SKPoint[] centres, float[] radii)
    {
        List<SKRect> taken = [.. centres.Select((centre, i) => new SKRect(centre.X - radii[i], centre.Y - radii[i], centre.X + radii[i], centre.Y + radii[i]))];
        for (int i = 0; i < points.Length; i++)
        {
            float width = StrokeFont.Measure(points[i].Name, Page.TextHeight);
            SKRect place = Places(centres[i], radii[i], width).FirstOrDefault(
                candidate => candidate.Left >= Plot.Left && candidate.Right <= Width - 4 && candidate.Top >= Plot.Top && candidate.Bottom <= Plot.Bottom && !taken.Exists(candidate.IntersectsWith),
                Places(centres[i], radii[i], width).First());
            taken.Add(place);
            bool beside = Math.Abs(place.MidY - centres[i].Y) < Page.TextHeight;
            if (!beside)
                Page.Stroke(canvas, centres[i], new SKPoint(Math.Clamp(centres[i].X, place.Left, place.Right), place.MidY), Page.Line);
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
}
