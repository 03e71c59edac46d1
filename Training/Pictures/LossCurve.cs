using SkiaSharp;

namespace IlgpuVae.Training.Pictures;

/// <summary>Training curves as one picture: charts one above the other over the same steps.</summary>
/// <param name="Title">Line above the charts.</param>
/// <param name="Panels">The charts from top to bottom, at least one.</param>
public sealed record LossCurve(string Title, IReadOnlyList<ChartPanel> Panels)
{
    private const float Width = 1000;
    private const float PanelHeight = 330;
    private const float PanelGap = 46;
    private const float Left = 74;
    private const float Right = 70;
    private const float Top = Page.Margin + Page.TitleHeight + 20;

    /// <summary>Writes the picture as PNG.</summary>
    public void Save(string path)
    {
        IEnumerable<CurveSeries> series = Panels.SelectMany(panel => panel.Series);
        double[] all = [.. series.SelectMany(line => line.Drawable).Select(point => point.Step).DefaultIfEmpty(0)];
        Axis steps = Axis.Over(all.Min(), Math.Max(all.Max(), all.Min() + 1), 9, 0.01, finest: 1);
        Page.Save(path, Width, Top + (Panels.Count * (PanelHeight + PanelGap)) + Page.Margin, canvas =>
        {
            Page.Title(canvas, Title);
            for (int i = 0; i < Panels.Count; i++)
                Panels[i].Draw(canvas, Area(i), steps);
            StrokeFont.Draw(
                canvas,
                "step",
                new SKPoint(Area(0).MidX, Area(Panels.Count - 1).Bottom + 40),
                Page.TextHeight,
                Page.Ink,
                SKTextAlign.Center);
        });
    }

    /// <summary>Where a chart lies, its heading and legend included; its tick labels are outside.</summary>
    internal static SKRect Area(int panel)
    {
        float top = Top + (panel * (PanelHeight + PanelGap));
        return new SKRect(Left, top, Width - Right, top + PanelHeight);
    }
}
