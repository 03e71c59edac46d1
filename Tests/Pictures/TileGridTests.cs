using IlgpuVae.Training.Pictures;
using SkiaSharp;

namespace IlgpuVae.Tests.Pictures;

[TestFixture]
public sealed class TileGridTests : TemporaryFolder
{
    [TestCase(8, 8, 9)]
    [TestCase(28, 28, 3)]
    [TestCase(12, 20, 4)]
    [TestCase(105, 105, 1)]
    public void Save_ShowsEachPixelAsASquareOfItsGrey(int height, int width, int scale)
    {
        float[] images = [.. Enumerable.Range(0, 3 * height * width).Select(i => i * 37 % 101 / 100f)];
        TileGrid grid = new(height, width, 2) { Title = "samples", ColumnHeaders = ["a", "b"] };
        grid.Save(At("p.png"), images);

        using SKBitmap picture = SKBitmap.Decode(At("p.png"));
        for (int i = 0; i < images.Length; i++)
        {
            (int tile, int pixel) = Math.DivRem(i, height * width);
            SKRect area = grid.Tile(tile / 2, tile % 2);
            int x = (int)area.Left + (pixel % width * scale), y = (int)area.Top + (pixel / width * scale);
            byte level = (byte)MathF.Round(255 * images[i]);
            Assert.That(picture.GetPixel(x, y), Is.EqualTo(new SKColor(level, level, level)), $"first corner of number {i}");
            Assert.That(
                picture.GetPixel(x + scale - 1, y + scale - 1),
                Is.EqualTo(new SKColor(level, level, level)),
                $"last corner of number {i}");
        }

        Assert.That(
            picture.GetPixel((int)grid.Tile(1, 1).MidX, (int)grid.Tile(1, 1).MidY),
            Is.EqualTo(SKColors.White),
            "no fourth picture was given");
        Assert.That(
            picture.GetPixel((int)grid.Tile(0, 0).Right + 3, (int)grid.Tile(0, 0).MidY),
            Is.EqualTo(SKColors.White),
            "tiles are apart");
    }

    [Test]
    public void Save_ClipsWhatIsOutsideAndMarksNaN()
    {
        TileGrid grid = new(1, 3, 1);
        grid.Save(At("p.png"), [-5, 7, float.NaN]);
        using SKBitmap picture = SKBitmap.Decode(At("p.png"));
        SKRect area = grid.Tile(0, 0);
        Assert.That(
            Enumerable.Range(0, 3).Select(i => picture.GetPixel((int)area.Left + (24 * i) + 12, (int)area.MidY)),
            Is.EqualTo([SKColors.Black, SKColors.White, Page.NotANumber]));
    }

    [Test]
    public void SaveReconstructions_PutsEachUnderItsOriginal()
    {
        // Five flat pictures two to a row: the third pair begins the second group.
        float[] originals = [.. Enumerable.Range(0, 5 * 64).Select(i => (i / 64 * 0.2f) + 0.1f)];
        float[] reconstructions = [.. originals.Select(value => value + 0.05f)];
        TileGrid.SaveReconstructions(At("p.png"), originals, reconstructions, 8, 8, columns: 2);

        using SKBitmap picture = SKBitmap.Decode(At("p.png"));
        TileGrid grid = new(8, 8, 2) { Title = "reconstructions", RowHeaders = ["data", "model"], RowsPerGroup = 2 };
        for (int i = 0; i < 5; i++)
        {
            SKRect above = grid.Tile(i / 2 * 2, i % 2), below = grid.Tile((i / 2 * 2) + 1, i % 2);
            Assert.That(picture.GetPixel((int)above.MidX, (int)above.MidY).Red, Is.EqualTo((byte)MathF.Round(255 * originals[64 * i])));
            Assert.That(
                picture.GetPixel((int)below.MidX, (int)below.MidY).Red,
                Is.EqualTo((byte)MathF.Round(255 * reconstructions[64 * i])));
        }

        Assert.That(
            grid.Tile(2, 0).Top - grid.Tile(1, 0).Bottom,
            Is.GreaterThan(grid.Tile(1, 0).Top - grid.Tile(0, 0).Bottom),
            "pairs are apart");
    }

    [Test]
    public void SaveCodes_DrawsBarsInProportion()
    {
        double[] usage = [0.5, 0.25, 0, 0.25];
        TileGrid.SaveCodes(At("p.png"), new float[4 * 64], usage, 8, 8);

        using SKBitmap picture = SKBitmap.Decode(At("p.png"));
        TileGrid grid = new(8, 8, 2) { Title = "4 codes and how often each is used", Usage = usage };
        int[] lengths = [.. Enumerable.Range(0, 4).Select(i =>
        {
            SKRect tile = grid.Tile(i / 2, i % 2);
            return Enumerable.Range((int)tile.Left, (int)tile.Width).Count(
                x => picture.GetPixel(x, (int)tile.Bottom + 6) == Page.Colour(0));
        })];
        Assert.That(lengths, Is.EqualTo([72, 36, 0, 36]));
    }

    [Test]
    public void Save_RefusesWhatDoesNotFit()
    {
        Assert.That(() => new TileGrid(2, 2, 1).Save(At("p.png"), new float[5]), Throws.ArgumentException.With.Message.Contains("2 x 2"));
        Assert.That(
            () => new TileGrid(2, 2, 1) { Usage = [1] }.Save(At("p.png"), new float[8]),
            Throws.ArgumentException.With.Message.Contains("1 usages"));
        Assert.That(() => TileGrid.SaveReconstructions(At("p.png"), new float[4], new float[8], 2, 2), Throws.ArgumentException);
        Assert.That(
            () => new TileGrid(1000, 1000, 300).Save(At("p.png"), new float[1_000_000]),
            Throws.ArgumentException.With.Message.Contains("too many"));
        Assert.That(File.Exists(At("p.png")), Is.False);
    }

    [TestCase(1, 1)]
    [TestCase(4, 2)]
    [TestCase(17, 5)]
    public void ColumnsFor_IsAboutSquare(int count, int columns) => Assert.That(TileGrid.ColumnsFor(count), Is.EqualTo(columns));
}
