using IlgpuVae.Training.Pictures;
using SkiaSharp;

namespace IlgpuVae.Tests.Pictures;

[TestFixture]
public sealed class HeatMapTests : TemporaryFolder
{
    private static readonly float[] Values = [0, 10, float.NaN, 1, 30, 200, 2, 20, 400];

    [Test]
    public void Save_ColoursCellsByTheWholeRange()
    {
        HeatMap map = new("means", ["a", "b", "c"], ["x", "y", "z"]);
        Assert.That(Draw(map), Is.EqualTo(Values.Select(value => float.IsNaN(value) ? Page.NotANumber : HeatMap.Colour(value / 400))));
    }

    [Test]
    public void Save_CanColourEachColumnByItself()
    {
        HeatMap map = new("means", ["a", "b", "c"], ["x", "y", "a name that stands upright"]) { ScaleEachColumn = true };
        float[] shares = [0, 0, float.NaN, 0.5f, 1, 0, 1, 0.5f, 1];
        Assert.That(Draw(map), Is.EqualTo(shares.Select(share => float.IsNaN(share) ? Page.NotANumber : HeatMap.Colour(share))));
    }

    [Test]
    public void Colour_GetsDarkerAllTheWay()
    {
        int[] brightness = [.. Enumerable.Range(0, 65).Select(i => HeatMap.Colour(i / 64f)).Select(it => it.Red + it.Green + it.Blue)];
        Assert.That(brightness, Is.Ordered.Descending.And.Unique);
    }

    [TestCase(1, 1)]
    [TestCase(300, 2)]
    [TestCase(2, 784)]
    public void Save_ManagesOddSizes(int rows, int columns)
    {
        HeatMap map = new(
            "means",
            [.. Enumerable.Range(0, rows).Select(row => $"{row}")],
            [.. Enumerable.Range(0, columns).Select(column => $"column {column}")]);
        map.Save(At("p.png"), new float[rows * columns]);
        using SKBitmap picture = SKBitmap.Decode(At("p.png"));
        SKRect last = map.Cell(rows - 1, columns - 1);
        Assert.That(picture.GetPixel((int)last.Left + 1, (int)last.Top + 1), Is.EqualTo(HeatMap.Colour(0.5f)));
    }

    [Test]
    public void Save_RefusesWhatDoesNotFit() =>
        Assert.That(
            () => new HeatMap("means", ["a"], ["x", "y"]).Save(At("p.png"), new float[3]),
            Throws.ArgumentException.With.Message.Contains("1 rows of 2 columns"));

    private SKColor[] Draw(HeatMap map)
    {
        map.Save(At("p.png"), Values);
        using SKBitmap picture = SKBitmap.Decode(At("p.png"));
        IEnumerable<SKRect> cells = Enumerable.Range(0, 9).Select(i => map.Cell(i / 3, i % 3));
        return [.. cells.Select(cell => picture.GetPixel((int)cell.Left + 1, (int)cell.Top + 1))];
    }
}
