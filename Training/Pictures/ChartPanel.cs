using SkiaSharp;

namespace IlgpuVae.Training.Pictures;

/// <summary>One chart: lines that share a vertical axis.</summary>
/// <param name="Label">What the vertical axis shows, with its unit.</param>
/// <param name="Series">The lines, at least one.</param>
internal sealed record ChartPanel(string Label, IReadOnlyList<CurveSeries> Series)
{
    private const float LegendRow = 18;

    // The first steps of a run fall from values that would flatten all the rest; from this share of the steps on, everything is shown.
    private const double EarlyShare = 0.05;
    private const double EarlyRange = 4;

    /// <summary>A horizontal line with its name, such as the best value that is possible; null for none.</summary>
    public (string Name, double Value)? Reference { get; init; }

    private bool HasReference => Reference is { } reference && CurveSeries.IsDrawable((0, reference.Value));

    /// <summary>The same without the points that a logarithmic axis has no place for.</summary>
    internal ChartPanel WithPositivePoints() => this with
    {
        Series =
        [
            .. Series.Select(
                series => series with { Points = [.. series.Points.Select(point => point.Step > 0 && point.Value > 0 ? point : (point.Step, double.NaN))] }),
        ],
        Reference = Reference is { Value: > 0 } ? Reference : null,
    };

    /// <summary>Draws the chart; logarithmic upwards where it is across.</summary>
    internal void Draw(SKCanvas canvas, SKRect area, Axis steps)
    {
        StrokeFont.Draw(canvas, Label, new SKPoint(area.Left, area.Top + Page.TextHeight), Page.TextHeight, Page.Ink, bold: true);
        float legendBottom = DrawLegend(canvas, area);
        SKRect plot = area with { Top = legendBottom };
        (Axis axis, bool cut) = Vertical(steps.IsLogarithmic);

        foreach (double tick in axis.Ticks())
        {
            float y = MathF.Round(axis.Place(tick, plot.Bottom, plot.Top)) + 0.5f;
            Page.Stroke(canvas, new SKPoint(plot.Left, y), new SKPoint(plot.Right, y), Page.Grid);
            StrokeFont.Draw(
                canvas,
                axis.Label(tick),
                new SKPoint(plot.Left - 8, y + (Page.TextHeight / 2)),
                Page.TextHeight,
                Page.Soft,
                SKTextAlign.Right);
        }

        foreach (double tick in steps.Ticks())
        {
            float x = MathF.Round(steps.Place(tick, plot.Left, plot.Right)) + 0.5f;
            Page.Stroke(canvas, new SKPoint(x, plot.Top), new SKPoint(x, plot.Bottom), Page.Grid);
            StrokeFont.Draw(
                canvas,
                steps.Label(tick),
                new SKPoint(x, plot.Bottom + 8 + Page.TextHeight),
                Page.TextHeight,
                Page.Soft,
                SKTextAlign.Center);
        }

        Page.Stroke(canvas, new SKPoint(plot.Left, plot.Bottom), new SKPoint(plot.Right, plot.Bottom), Page.Line);
        DrawLines(canvas, plot, steps, axis);
        DrawLastValues(canvas, plot, axis);
        if (cut)
        {
            StrokeFont.Draw(
                canvas,
                "first steps are off the scale",
                new SKPoint(plot.Right - 6, plot.Bottom - 8),
                7,
                Page.Soft,
                SKTextAlign.Right);
        }

        if (!Series.Any(series => series.Drawable.Any()))
            StrokeFont.Draw(canvas, "no data yet", new SKPoint(plot.MidX, plot.MidY), Page.TextHeight, Page.Soft, SKTextAlign.Center);
    }

    private float DrawLegend(SKCanvas canvas, SKRect area)
    {
        IEnumerable<(string Name, SKColor Colour, bool Dashed)> entries = Series.Select(
            (series, i) => (series.Name, Page.Colour(i), series.Dashed));
        if (HasReference)
            entries = entries.Append((Reference!.Value.Name, Page.Ink, true));
        float y = area.Top + Page.TextHeight + LegendRow;
        float x = area.Left;
        foreach ((string name, SKColor colour, bool dashed) in entries)
        {
            float width = 30 + StrokeFont.Measure(name, Page.TextHeight);
            if (x > area.Left && x + width > area.Right)
                (x, y) = (area.Left, y + LegendRow);
            Page.Stroke(
                canvas,
                new SKPoint(x, y - (Page.TextHeight / 2)),
                new SKPoint(x + 22, y - (Page.TextHeight / 2)),
                colour,
                2,
                dashed);
            StrokeFont.Draw(canvas, name, new SKPoint(x + 30, y), Page.TextHeight, Page.Ink);
            x += width + 24;
        }

        return y + 12;
    }

    private (Axis Axis, bool Cut) Vertical(bool logarithmic)
    {
        (double Step, double Value)[] points = [.. Series.SelectMany(series => series.Drawable)];
        double first = points.Select(point => point.Step).DefaultIfEmpty(0).Min();
        double last = points.Select(point => point.Step).DefaultIfEmpty(0).Max();
        double[] all = [.. points.Select(point => point.Value)];
        if (logarithmic)
        {
            double[] positive = [.. all.Concat(HasReference ? [Reference!.Value.Value] : []).DefaultIfEmpty(1)];
            return (Axis.Logarithmic(positive.Min(), positive.Max(), 6), false);
        }

        double[] late = [.. points.Where(point => point.Step >= first + (EarlyShare * (last - first))).Select(point => point.Value)];
        bool cut = late.Length > 1 && late.Max() > late.Min() && all.Max() - all.Min() > EarlyRange * (late.Max() - late.Min());
        IEnumerable<double> shown = cut ? late : all;
        if (HasReference)
            shown = shown.Append(Reference!.Value.Value);
        double[] range = [.. shown.DefaultIfEmpty(0)];
        return (Axis.Over(range.Min(), range.Max(), 6, 0.07), cut);
    }

    private void DrawLines(SKCanvas canvas, SKRect plot, Axis steps, Axis axis)
    {
        _ = canvas.Save();
        canvas.ClipRect(plot);
        if (HasReference)
        {
            float y = axis.Place(Reference!.Value.Value, plot.Bottom, plot.Top);
            Page.Stroke(canvas, new SKPoint(plot.Left, y), new SKPoint(plot.Right, y), Page.Ink, 1.2f, dashed: true);
        }

        SKPoint Place((double Step, double Value) point) =>
            new(steps.Place(point.Step, plot.Left, plot.Right), axis.Place(point.Value, plot.Bottom, plot.Top));

        for (int i = 0; i < Series.Count; i++)
        {
            using SKPathEffect? dashes = Series[i].Dashed ? SKPathEffect.CreateDash([6, 4], 0) : null;
            using SKPaint paint = new()
            {
                Color = Page.Colour(i),
                IsAntialias = true,
                StrokeWidth = 1.8f,
                StrokeJoin = SKStrokeJoin.Round,
                StrokeCap = SKStrokeCap.Round,
                PathEffect = dashes,
            };
            foreach (List<SKPoint> run in Runs(Series[i], Place))
            {
                paint.Style = run.Count == 1 ? SKPaintStyle.StrokeAndFill : SKPaintStyle.Stroke;
                using SKPath path = new();
                path.AddPoly([.. run], close: false);
                canvas.DrawPath(path, paint);
                if (run.Count == 1)
                    canvas.DrawCircle(run[0], 2, paint);
            }
        }

        canvas.Restore();
    }

    // Stretches of drawable points. Of many points in one column of pixels only the first, the extremes and the last are kept: the
    // picture is the same, and a long run draws as fast as a short one.
    private static IEnumerable<List<SKPoint>> Runs(CurveSeries series, Func<(double Step, double Value), SKPoint> place)
    {
        List<SKPoint> run = [];
        int column = 0;
        foreach ((double Step, double Value) point in series.Points)
        {
            if (!CurveSeries.IsDrawable(point))
            {
                if (run.Count > 0)
                    yield return run;
                (run, column) = ([], 0);
                continue;
            }

            SKPoint at = place(point);
            if (run.Count == 0 || MathF.Floor(at.X) != MathF.Floor(run[^1].X))
                column = run.Count;
            run.Add(at);
            if (run.Count - column > 4)
                Thin(run, column);
        }

        if (run.Count > 0)
            yield return run;
    }

    // Five points in a column; the middle ones that are neither its highest nor its lowest go.
    private static void Thin(List<SKPoint> run, int column)
    {
        float low = run.Skip(column).Min(point => point.Y);
        float high = run.Skip(column).Max(point => point.Y);
        for (int i = run.Count - 2; i > column && run.Count - column > 4; i--)
        {
            bool extreme = run[i].Y == low || run[i].Y == high;
            if (!extreme || run.Skip(column).Count(point => point.Y == run[i].Y) > 1)
                run.RemoveAt(i);
        }
    }

    private void DrawLastValues(SKCanvas canvas, SKRect plot, Axis axis)
    {
        List<(float Y, string Text, SKColor Colour)> labels = [];
        for (int i = 0; i < Series.Count; i++)
        {
            if (Series[i].Drawable.Any())
                Add(Series[i].Drawable.Last().Value, Page.Colour(i));
        }

        if (HasReference)
            Add(Reference!.Value.Value, Page.Ink);

        // From the top down, each label makes room for the one above it.
        float free = float.MinValue;
        foreach ((float y, string text, SKColor colour) in labels.OrderBy(label => label.Y))
        {
            float at = Math.Max(y, free);
            StrokeFont.Draw(canvas, text, new SKPoint(plot.Right + 8, at + (Page.TextHeight / 2)), Page.TextHeight, colour);
            free = at + Page.TextHeight + 4;
        }

        void Add(double value, SKColor colour) =>
            labels.Add((Math.Clamp(axis.Place(value, plot.Bottom, plot.Top), plot.Top, plot.Bottom), axis.Exact(value), colour));
    }
}
