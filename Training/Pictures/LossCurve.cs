using SkiaSharp;

namespace IlgpuVae.Training.Pictures;

/// <summary>Curves as one picture: charts one above the other over the same steps, or over another quantity.</summary>
/// <param name="Title">Line above the charts.</param>
/// <param name="Panels">The charts from top to bottom, at least one.</param>
internal sealed record LossCurve(string Title, IReadOnlyList<ChartPanel> Panels)
{
    private const float Width = 1000;
    private const float PanelHeight = 330;
    private const float PanelGap = 46;
    private const float Left = 74;
    private const float Right = 70;
    private const float Top = Page.Margin + Page.TitleHeight + 20;

    /// <summary>What the horizontal axis shows.</summary>
    public string Across { get; init; } = "step";

    /// <summary>Whether all axes are logarithmic, so that a power law is a straight line; what is not positive then interrupts a line.</summary>
    public bool Logarithmic { get; init; }

    /// <summary>Writes the picture as PNG.</summary>
    public void Save(string path)
    {
        ChartPanel[] panels = [.. Panels.Select(panel => Logarithmic ? panel.WithPositivePoints() : panel)];
        double[] all =
        [
            .. panels.SelectMany(panel => panel.Series).SelectMany(line => line.Drawable).Select(point => point.Step).DefaultIfEmpty(Logarithmic ? 1 : 0),
        ];
        Axis steps = Logarithmic ? Axis.Logarithmic(all.Min(), all.Max(), 9) : Axis.Over(all.Min(), Math.Max(all.Max(), all.Min() + 1), 9, 0.01, finest: 1);
        Page.Save(path, Width, Top + (Panels.Count * (PanelHeight + PanelGap)) + Page.Margin, canvas =>
        {
            Page.Title(canvas, Title);
            for (int i = 0; i < Panels.Count; i++)
                panels[i].Draw(canvas, Area(i), steps);
            StrokeFont.Draw(
                canvas,
                Across,
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
