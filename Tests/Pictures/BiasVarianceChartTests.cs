using IlgpuVae.Training.Pictures;
using SkiaSharp;

namespace IlgpuVae.Tests.Pictures;

[TestFixture]
public sealed class BiasVarianceChartTests : TemporaryFolder
{
    private static readonly BiasVariancePoint Biased = new("a", 0.1, 10, 1, 0.01, Hollow: false);

    [Test]
    public void Dots_LieByTheLogarithmsOfVarianceAndBias()
    {
        (SKPoint Centre, float Radius)[] dots = Dots(Biased, Biased with { Variance = 1000 }, Biased with { Variance = 1e5, Bias = 0.001 });
        Assert.That(dots[1].Centre.X - dots[0].Centre.X, Is.EqualTo(dots[2].Centre.X - dots[1].Centre.X).Within(0.01).And.GreaterThan(100));
        Assert.That(dots[1].Centre.Y, Is.EqualTo(dots[0].Centre.Y));
        Assert.That(dots[2].Centre.Y - dots[0].Centre.Y, Is.GreaterThan(100), "less bias is further down");
    }

    [Test]
    public void Dots_HaveTheCostForTheirArea()
    {
        (SKPoint Centre, float Radius)[] dots = Dots(Biased, Biased with { Cost = 4 }, Biased with { Cost = 1e-6 });
        Assert.That(dots[1].Radius, Is.EqualTo(2 * dots[0].Radius));
        Assert.That(dots[2].Radius, Is.EqualTo(4), "small ones can still be seen");
    }

    [Test]
    public void WhatIsUnbiased_StandsAtItsNoise()
    {
        BiasVariancePoint open = Biased with { Hollow = true };
        float Height(BiasVariancePoint point) => Dots(Biased with { Bias = 1e-4 }, point)[1].Centre.Y;
        Assert.That(
            Height(open with { Bias = 0.001 }), Is.EqualTo(Height(open with { Bias = 0 })).And.EqualTo(Height(Biased with { Bias = 0.01 })).Within(0.01));
        Assert.That(Height(open), Is.EqualTo(Height(Biased)), "a bias above its noise is drawn as it is");
    }

    [Test]
    public void Save_FillsWhatIsBiasedOnly()
    {
        BiasVarianceChart chart = new("estimators", [Biased, Biased with { Variance = 1000, Hollow = true }]);
        chart.Save(At("p.png"));
        using SKBitmap picture = SKBitmap.Decode(At("p.png"));
        bool[] filled =
        [
            .. chart.Dots().Select(dot => picture.GetPixel((int)dot.Centre.X + 2, (int)dot.Centre.Y + 2) is { Red: > 0xE0, Green: > 0xE0, Blue: > 0xE0 }),
        ];
        Assert.That(filled, Is.EqualTo(new[] { false, true }), "whether the inside is as light as the page");
    }

    [Test]
    public void Save_ManagesZeros_WhatIsNotFinite_AndManyNamesInOnePlace()
    {
        BiasVariancePoint zero = new("zero", 0, 0, 0, 0, Hollow: true), odd = Biased with { Name = "odd", Bias = double.NaN };
        Assert.That(Dots(zero, Biased)[0].Centre.X, Is.LessThan(Dots(zero, Biased)[1].Centre.X - 50));
        Assert.That(Dots(Biased, odd), Has.Length.EqualTo(1));
        BiasVariancePoint[][] charts = [[], [zero], [Biased, zero, odd], [.. Enumerable.Range(0, 60).Select(i => Biased with { Name = $"estimator {i}" })]];
        foreach (BiasVariancePoint[] points in charts)
        {
            new BiasVarianceChart("estimators", points).Save(At("p.png"));
            using SKBitmap picture = SKBitmap.Decode(At("p.png"));
            Assert.That(picture.Width, Is.EqualTo(1000));
        }
    }

    private static (SKPoint Centre, float Radius)[] Dots(params BiasVariancePoint[] points) => new BiasVarianceChart("estimators", points).Dots();
}
