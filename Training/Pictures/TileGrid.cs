using System.Globalization;
using SkiaSharp;

namespace IlgpuVae.Training.Pictures;

/// <summary>Small grey pictures side by side, each pixel enlarged to a square, so that a few pixels are comfortable to look at.</summary>
/// <param name="Height">Pixels of a picture from top to bottom.</param>
/// <param name="Width">Pixels of a picture from left to right.</param>
/// <param name="Columns">Pictures in a row.</param>
internal sealed record TileGrid(int Height, int Width, int Columns)
{
    private const int PreferredTile = 72;
    private const float Gap = 7;
    private const float GroupGap = 14;
    private const float CaptionHeight = 20;
    private const float BarHeight = 4;

    /// <summary>Line above the grid, or null for none.</summary>
    public string? Title { get; init; }

    /// <summary>Texts above the columns; may be empty.</summary>
    public IReadOnlyList<string> ColumnHeaders { get; init; } = [];

    /// <summary>Texts beside the rows, repeated from the first when there are more rows; may be empty.</summary>
    public IReadOnlyList<string> RowHeaders { get; init; } = [];

    /// <summary>Rows that belong together, with a wider gap after them; 1 for none.</summary>
    public int RowsPerGroup { get; init; } = 1;

    /// <summary>How often each picture's code is used, as a share of 1, drawn under it as a bar; may be empty.</summary>
    public IReadOnlyList<double> Usage { get; init; } = [];

    private int Scale => Math.Max(1, (int)Math.Round((double)PreferredTile / Math.Max(Height, Width)));

    private float TileWidth => Width * Scale;

    private float TileHeight => Height * Scale;

    private float Left =>
        Page.Margin + (RowHeaders.Count == 0 ? 0 : 10 + RowHeaders.Max(text => StrokeFont.Measure(text, Page.TextHeight)));

    private float Top => Page.Margin + (Title is null ? 0 : Page.TitleHeight + 12) + (ColumnHeaders.Count == 0 ? 0 : Page.TextHeight + 8);

    /// <summary>Columns that make a grid of <paramref name="count"/> tiles about as wide as high.</summary>
    public static int ColumnsFor(int count) => Math.Max(1, (int)Math.Ceiling(Math.Sqrt(count)));

    /// <summary>Writes each original with its reconstruction under it.</summary>
    /// <param name="path">PNG file to write.</param>
    /// <param name="originals">Pictures [n, H, W] in [0, 1].</param>
    /// <param name="reconstructions">Their reconstructions, laid out alike.</param>
    /// <param name="height">H.</param>
    /// <param name="width">W.</param>
    /// <param name="columns">Pairs in a row.</param>
    public static void SaveReconstructions(string path, float[] originals, float[] reconstructions, int height, int width, int columns = 10)
    {
        ArgumentNullException.ThrowIfNull(originals);
        ArgumentNullException.ThrowIfNull(reconstructions);
        if (originals.Length != reconstructions.Length)
        {
            throw new ArgumentException(
                $"There are {originals.Length} original and {reconstructions.Length} reconstructed numbers; give as many of both.",
                nameof(reconstructions));
        }

        int size = height * width;
        int count = originals.Length / size;
        columns = Math.Clamp(count, 1, columns);
        int groups = (count + columns - 1) / columns;
        float[]?[] tiles = new float[]?[2 * groups * columns];
        for (int i = 0; i < count; i++)
        {
            int place = (i / columns * 2 * columns) + (i % columns);
            tiles[place] = originals[(i * size)..((i + 1) * size)];
            tiles[place + columns] = reconstructions[(i * size)..((i + 1) * size)];
        }

        TileGrid grid = new(height, width, columns) { Title = "reconstructions", RowHeaders = ["data", "model"], RowsPerGroup = 2 };
        grid.Save(path, tiles);
    }

    /// <summary>Writes the picture of every code with how often it is used.</summary>
    /// <param name="path">PNG file to write.</param>
    /// <param name="images">Decoded pictures [codes, H, W] in [0, 1].</param>
    /// <param name="usage">Share of the data that each code explains; sums to 1.</param>
    /// <param name="height">H.</param>
    /// <param name="width">W.</param>
    /// <param name="title">Line above; says how many codes there are where left out.</param>
    public static void SaveCodes(string path, float[] images, IReadOnlyList<double> usage, int height, int width, string? title = null)
    {
        ArgumentNullException.ThrowIfNull(usage);
        new TileGrid(height, width, ColumnsFor(usage.Count))
        {
            Title = title ?? $"{usage.Count} codes and how often each is used",
            Usage = usage,
        }.Save(path, images);
    }

    /// <summary>Writes pictures row by row.</summary>
    /// <param name="path">PNG file to write.</param>
    /// <param name="images">Pictures [n, H, W]: 0 is black, 1 is white, NaN is pink, what lies outside is clipped.</param>
    public void Save(string path, float[] images)
    {
        ArgumentNullException.ThrowIfNull(images);
        int size = Height * Width;
        if (size <= 0 || images.Length % size != 0)
        {
            throw new ArgumentException(
                $"{images.Length} numbers are no whole number of {Height} x {Width} pictures; give [n, H, W] numbers.",
                nameof(images));
        }

        Save(path, [.. images.Chunk(size)]);
    }

    private void Save(string path, float[]?[] tiles)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Columns, 1);
        if (Usage.Count != 0 && Usage.Count != tiles.Length)
            throw new ArgumentException($"There are {tiles.Length} pictures but {Usage.Count} usages; give one each.", nameof(tiles));
        int rows = Math.Max(1, (tiles.Length + Columns - 1) / Columns);
        SKRect last = Tile(rows - 1, Columns - 1);
        float titleWidth = Title is null ? 0 : Page.Margin + StrokeFont.Measure(Title, Page.TitleHeight);
        float width = Math.Max(last.Right, titleWidth) + Page.Margin;
        Page.Save(path, width, last.Bottom + (Usage.Count == 0 ? 0 : CaptionHeight) + Page.Margin, canvas =>
        {
            DrawHeaders(canvas, rows);
            for (int i = 0; i < tiles.Length; i++)
            {
                SKRect area = Tile(i / Columns, i % Columns);
                if (tiles[i] is float[] tile)
                    DrawTile(canvas, tile, area);
                if (Usage.Count != 0)
                    DrawUsage(canvas, i, area);
            }
        });
    }

    /// <summary>Where a tile's pixels lie.</summary>
    internal SKRect Tile(int row, int column)
    {
        float x = Left + (column * (TileWidth + Gap));
        float pitch = TileHeight + Gap + (Usage.Count == 0 ? 0 : CaptionHeight + 4);
        float y = Top + (row * pitch) + (RowsPerGroup > 1 ? row / RowsPerGroup * GroupGap : 0);
        return new SKRect(x, y, x + TileWidth, y + TileHeight);
    }

    private void DrawHeaders(SKCanvas canvas, int rows)
    {
        if (Title is not null)
            Page.Title(canvas, Title);
        for (int column = 0; column < Math.Min(Columns, ColumnHeaders.Count); column++)
        {
            string text = StrokeFont.Fit(ColumnHeaders[column], Page.TextHeight, TileWidth);
            StrokeFont.Draw(canvas, text, new SKPoint(Tile(0, column).MidX, Top - 8), Page.TextHeight, Page.Soft, SKTextAlign.Center);
        }

        for (int row = 0; row < rows && RowHeaders.Count > 0; row++)
        {
            SKPoint at = new(Left - 10, Tile(row, 0).MidY + (Page.TextHeight / 2));
            StrokeFont.Draw(canvas, RowHeaders[row % RowHeaders.Count], at, Page.TextHeight, Page.Soft, SKTextAlign.Right);
        }
    }

    private void DrawTile(SKCanvas canvas, float[] pixels, SKRect area)
    {
        using SKBitmap bitmap = new(Width, Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        bitmap.Pixels = Array.ConvertAll(pixels, Shade);
        using SKImage image = SKImage.FromBitmap(bitmap);
        Page.Fill(canvas, SKRect.Inflate(area, 1, 1), Page.Line);
        canvas.DrawImage(image, area, new SKSamplingOptions(SKFilterMode.Nearest));
    }

    private void DrawUsage(SKCanvas canvas, int code, SKRect tile)
    {
        // Relative to the most used code: with hundreds of codes every share of 1 is too short to see.
        double share = double.IsFinite(Usage[code]) ? Math.Max(0, Usage[code]) : 0;
        double most = Usage.Where(double.IsFinite).DefaultIfEmpty(0).Max();
        SKRect track = new(tile.Left, tile.Bottom + 4, tile.Right, tile.Bottom + 4 + BarHeight);
        Page.Fill(canvas, track, Page.Grid);
        if (share > 0)
            Page.Fill(canvas, track with { Right = track.Left + (float)Math.Max(1, track.Width * share / most) }, Page.Colour(0));

        const float height = 6.5f;
        float baseline = track.Bottom + 4 + height;
        string number = code.ToString(CultureInfo.InvariantCulture);
        string percent = share == 0 ? "unused" : (100 * share).ToString(share < 0.0995 ? "0.0" : "0", CultureInfo.InvariantCulture) + "%";
        StrokeFont.Draw(canvas, number, new SKPoint(tile.Left, baseline), height, Page.Soft);
        if (StrokeFont.Measure(number + "  " + percent, height) <= tile.Width)
        {
            StrokeFont.Draw(
                canvas,
                percent,
                new SKPoint(tile.Right - 1, baseline),
                height,
                share == 0 ? Page.Line : Page.Soft,
                SKTextAlign.Right);
        }
    }

    private static SKColor Shade(float value)
    {
        if (float.IsNaN(value))
            return Page.NotANumber;
        byte level = GreyPicture.Level(value);
        return new SKColor(level, level, level);
    }
}
