using System.Diagnostics;
using IlgpuVae.Training.Pictures;
using IlgpuVae.Training.Runs;
using SkiaSharp;

namespace IlgpuVae.Tests.Pictures;

[TestFixture]
public sealed class LossCurveTests : TemporaryFolder
{
    [Test]
    public void Save_DrawsTheLineWhereItsValuesAre()
    {
        using SKBitmap picture = Draw(new ChartPanel("elbo", [new("train", Line(0, 1000, step => step))]));
        SKRect area = LossCurve.Area(0);

        // A straight rise: at each quarter of the steps the line is at that quarter of its height.
        float[] shares = [0.1f, 0.35f, 0.6f, 0.85f];
        float[] heights = Array.ConvertAll(shares, share => MiddleOf(picture, Page.Colour(0), (int)(area.Left + (share * area.Width))));
        Assert.That(heights[0] - heights[1], Is.EqualTo(heights[1] - heights[2]).Within(2).And.GreaterThan(40));
        Assert.That(heights[1] - heights[2], Is.EqualTo(heights[2] - heights[3]).Within(2));
    }

    [Test]
    public void Save_DrawsAPowerLawAsAStraightLineOnLogarithmicAxes()
    {
        (double, double)[] cubes = [(0, 5), (-2, -8), .. Enumerable.Range(0, 41).Select(i => Math.Pow(10, i / 10.0)).Select(x => (x, x * x * x))];
        new LossCurve("a law", [new ChartPanel("cost", [new("measured", cubes)])]) { Across = "B", Logarithmic = true }.Save(At("law.png"));
        using SKBitmap picture = SKBitmap.Decode(At("law.png"));
        SKRect area = LossCurve.Area(0);
        float[] heights = Array.ConvertAll([0.1f, 0.35f, 0.6f, 0.85f], share => MiddleOf(picture, Page.Colour(0), (int)(area.Left + (share * area.Width))));
        Assert.That(heights[0] - heights[1], Is.EqualTo(heights[1] - heights[2]).Within(2).And.GreaterThan(40));
        Assert.That(heights[1] - heights[2], Is.EqualTo(heights[2] - heights[3]).Within(2));
    }

    [Test]
    public void Save_LeavesAGapWhereValuesAreNotFinite()
    {
        using SKBitmap picture = Draw(
            new ChartPanel("elbo", [new("train", Line(0, 100, step => step is > 40 and < 60 ? double.NaN : step))]));
        SKRect area = LossCurve.Area(0);
        Assert.That(CountAt(picture, Page.Colour(0), (int)area.MidX), Is.Zero);
        Assert.That(CountAt(picture, Page.Colour(0), (int)(area.Left + (0.3f * area.Width))), Is.Positive);
        Assert.That(CountAt(picture, Page.Colour(0), (int)(area.Left + (0.7f * area.Width))), Is.Positive);
    }

    [Test]
    public void Save_DrawsTheReferenceInsideTheChartAboveTheCurve()
    {
        using SKBitmap picture = Draw(
            new ChartPanel("elbo", [new("train", Line(0, 100, _ => -90.0))]) { Reference = ("best possible", -80) });
        SKRect area = LossCurve.Area(0);
        IEnumerable<int> below = Enumerable.Range((int)area.Top + 50, (int)area.Height - 50);
        int[] rows = [.. below.Where(y => Dark(picture, new SKRectI(74, y, 274, y + 1)) > 80)];
        Assert.That(rows, Has.Length.InRange(2, 6), "a dashed dark line and the solid blue one");
        Assert.That(rows[0], Is.LessThan(MiddleOf(picture, Page.Colour(0), (int)area.MidX) - 50));
    }

    [Test]
    public void Save_ShowsTheRestWhenTheFirstStepsAreFarOff()
    {
        static double Value(double step) => step < 20 ? -1e6 : -100 + (step / 100);
        using SKBitmap picture = Draw(new ChartPanel("elbo", [new("train", Line(0, 1000, Value))]));
        SKRect area = LossCurve.Area(0);
        float left = MiddleOf(picture, Page.Colour(0), (int)(area.Left + (0.1f * area.Width))), right = MiddleOf(
            picture,
            Page.Colour(0),
            (int)(area.Left + (0.9f * area.Width)));
        Assert.That(left - right, Is.GreaterThan(100), "the later rise is flattened");
    }

    [Test]
    public void Save_HasTextOnAnyMachine()
    {
        using SKBitmap one = Draw(new ChartPanel("elbo", [new("train", Line(0, 10, step => step))]));
        using SKBitmap other = Draw(new ChartPanel("kl", [new("train", Line(0, 10, step => 100 * step))]));
        SKRect area = LossCurve.Area(0);
        SKRectI title = new(18, 16, 200, 34);
        SKRectI heading = new((int)area.Left, (int)area.Top - 2, (int)area.Left + 60, (int)area.Top + 12);
        SKRectI ticks = new(20, (int)area.Top + 40, (int)area.Left - 6, (int)area.Bottom);
        Assert.That(Dark(one, title), Is.GreaterThan(100));
        Assert.That(Dark(one, heading), Is.GreaterThan(30));
        Assert.That(Dark(one, ticks), Is.GreaterThan(50));
        Assert.That(Dark(other, heading), Is.Not.EqualTo(Dark(one, heading)));
        Assert.That(Dark(other, ticks), Is.Not.EqualTo(Dark(one, ticks)));
    }

    [Test]
    public void Save_ManagesOddRuns()
    {
        CurveSeries[] odd =
        [
            new("none", []),
            new("one", [(5, -3.25)]),
            new("nothing finite", [(0, double.NaN), (1, double.PositiveInfinity)]),
            new("enormous", [(0, 1e29), (1, -1e29), (2, 1e300)]),
            new("minute", [(0, 1e-30), (1, -1e-30)]),
            new("constant", Line(0, 50, _ => 1e9)),
        ];
        foreach (CurveSeries series in odd)
            Assert.That(() => Draw(new ChartPanel("elbo", [series])).Dispose(), Throws.Nothing, series.Name);
        Assert.That(() => Draw(new ChartPanel("all", odd)).Dispose(), Throws.Nothing);
    }

    [Test]
    public void Save_DrawsALongRunQuicklyAndKeepsItsPeaks()
    {
        const int peak = 210_123;
        Stopwatch watch = Stopwatch.StartNew();
        using SKBitmap picture = Draw(new ChartPanel("elbo", [new("train", Line(0, 300_000, step => step == peak ? 5 : Math.Sin(step)))]));
        Assert.That(watch.Elapsed.TotalSeconds, Is.LessThan(5));
        SKRect area = LossCurve.Area(0);
        int top = Enumerable.Range((int)area.Top + 40, 200).First(
            y => Enumerable.Range((int)area.Left, (int)area.Width).Any(x => IsNear(picture.GetPixel(x, y), Page.Colour(0))));
        float usual = MiddleOf(picture, Page.Colour(0), (int)area.MidX);
        Assert.That(usual - top, Is.GreaterThan(120));
    }

    [Test]
    public void From_TakesTheRowsThatHaveTheValue()
    {
        MetricsRow[] rows = [Row(1, "elbo"), Row(2, "valid_elbo"), Row(3, "elbo")];
        static MetricsRow Row(long step, string name) => new(step, new Dictionary<string, double> { [name] = -step });
        Assert.That(CurveSeries.From(rows, "elbo", "train").Points, Is.EqualTo([(1.0, -1.0), (3.0, -3.0)]));
    }

    private static (double, double)[] Line(int first, int last, Func<double, double> value) =>
        [.. Enumerable.Range(first, last - first + 1).Select(step => ((double)step, value(step)))];

    private SKBitmap Draw(params ChartPanel[] panels)
    {
        new LossCurve("a run of glyphs", panels).Save(At("p.png"));
        return SKBitmap.Decode(At("p.png"));
    }

    private static bool IsNear(SKColor a, SKColor b) =>
        Math.Abs(a.Red - b.Red) + Math.Abs(a.Green - b.Green) + Math.Abs(a.Blue - b.Blue) < 90;

    private static IEnumerable<int> RowsOf(SKBitmap picture, SKColor colour, int x) =>
        Enumerable.Range((int)LossCurve.Area(0).Top + 40, (int)LossCurve.Area(0).Height - 40).Where(
            y => IsNear(picture.GetPixel(x, y), colour));

    private static int CountAt(SKBitmap picture, SKColor colour, int x) => RowsOf(picture, colour, x).Count();

    private static float MiddleOf(SKBitmap picture, SKColor colour, int x) => (float)RowsOf(picture, colour, x).Average();

    private static int Dark(SKBitmap picture, SKRectI area)
    {
        int dark = 0;
        for (int y = area.Top; y < area.Bottom; y++)
        {
            for (int x = area.Left; x < area.Right; x++)
                dark += picture.GetPixel(x, y).Red < 0xA0 ? 1 : 0;
        }

        return dark;
    }
}
