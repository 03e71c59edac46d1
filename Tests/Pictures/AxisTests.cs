using IlgpuVae.Training.Pictures;

namespace IlgpuVae.Tests.Pictures;

[TestFixture]
public sealed class AxisTests
{
    [TestCase(0, 10, 5, "0 2 4 6 8 10")]
    [TestCase(-148.2, -76.1, 6, "-140 -120 -100 -80")]
    [TestCase(0, 20000, 5, "0 5k 10k 15k 20k")]
    [TestCase(0, 4000000, 4, "0 1M 2M 3M 4M")]
    [TestCase(0.1, 0.4, 5, "0.1 0.2 0.3 0.4")]
    [TestCase(0, 0.0004, 4, "0 1e-4 2e-4 3e-4 4e-4")]
    [TestCase(-0.3, 0.3, 3, "-0.2 0.0 0.2")]
    public void Ticks_AreRound(double low, double high, int ticks, string expected)
    {
        Axis axis = Axis.Over(low, high, ticks, 0);
        Assert.That(
            string.Join(' ', axis.Ticks().Select(axis.Label)).Replace("0.0", "0", StringComparison.Ordinal),
            Is.EqualTo(expected.Replace("0.0", "0", StringComparison.Ordinal)));
    }

    [Test]
    public void Ticks_CanBeWholeNumbersOnly()
    {
        Axis axis = Axis.Over(0, 1, 9, 0.01, finest: 1);
        Assert.That(axis.Ticks().Select(axis.Label), Is.EqualTo(["0", "1"]));
    }

    [TestCase(8, 800, 9, "10 20 50 100 200 500")]
    [TestCase(0.02, 30, 5, "0.1 1 10")]
    [TestCase(64, 6400, 9, "100 200 500 1000 2000 5000")]
    [TestCase(3e3, 3e7, 5, "10k 100k 1M 10M")]
    [TestCase(1e-6, 1e9, 6, "1E-06 0.001 1 1000 1M 1G")]
    [TestCase(5, 5, 6, "5")]
    public void LogarithmicTicks_AreRound(double low, double high, int ticks, string expected)
    {
        Axis axis = Axis.Logarithmic(low, high, ticks);
        Assert.That(string.Join(' ', axis.Ticks().Select(axis.Label)), Is.EqualTo(expected));
    }

    [Test]
    public void LogarithmicPlaces_AreEquallyFarForEqualFactors()
    {
        Axis axis = Axis.Logarithmic(1, 10_000, 5);
        float[] places = [.. new[] { 1.0, 10, 100, 1000 }.Select(value => axis.Place(value, 0, 300))];
        Assert.That(places.Zip(places.Skip(1), (a, b) => b - a), Is.All.EqualTo(places[1] - places[0]).Within(1e-3));
        Assert.That(places[1] - places[0], Is.GreaterThan(50));
        Assert.That(places[0], Is.GreaterThan(0).And.LessThan(10));
    }

    [TestCase(5, 5)]
    [TestCase(0, 0)]
    [TestCase(-1e30, 1e30)]
    [TestCase(1e9, 1e9 + 1e-7)]
    public void Ticks_AreFewAndDistinctForAnyRange(double low, double high)
    {
        Axis axis = Axis.Over(low, high, 6, 0.05);
        string[] labels = [.. axis.Ticks().Select(axis.Label)];
        Assert.That(labels, Has.Length.InRange(2, 15).And.Unique);
    }

    [Test]
    public void StrokeFont_HasEveryPrintableCharacter()
    {
        for (char letter = '!'; letter <= '~'; letter++)
        {
            Assert.That(StrokeGlyphs.All, Contains.Key(letter));
            using SkiaSharp.SKPath path = SkiaSharp.SKPath.ParseSvgPathData(StrokeGlyphs.All[letter]);
            Assert.That(path, Is.Not.Null, $"{letter}");
            SkiaSharp.SKRect bounds = path.TightBounds;
            Assert.That(
                bounds.Left >= -0.01f && bounds.Right <= 7 && bounds.Top >= -1 && bounds.Bottom <= 9.01f,
                $"{letter} is outside its box: {bounds}");
        }
    }

    [Test]
    public void StrokeFont_CutsWhatIsTooWide()
    {
        string cut = StrokeFont.Fit("a very long name of a column", 8, 60);
        Assert.That(cut, Does.StartWith("a very").And.EndWith(".."));
        Assert.That(StrokeFont.Measure(cut, 8), Is.LessThanOrEqualTo(60));
        Assert.That(StrokeFont.Fit("short", 8, 60), Is.EqualTo("short"));
    }
}
