using System.Globalization;
using SkiaSharp;

namespace IlgpuVae.Training.Pictures;

/// <summary>A table of numbers as colours, for data that are no pictures: a row for each code, a column for each measurement.</summary>
/// <param name="title">Line above the table.</param>
/// <param name="rowNames">Texts beside the rows.</param>
/// <param name="columnNames">Texts above the columns.</param>
internal sealed class HeatMap(string title, IReadOnlyList<string> rowNames, IReadOnlyList<string> columnNames)
{
    private const float KeyWidth = 12;
    private const float LongestName = 140;

    private static readonly SKColor[] Ramp =
        [new(0xF3, 0xF6, 0xFA), new(0xA9, 0xCB, 0xE4), new(0x4A, 0x8F, 0xC4), new(0x12, 0x55, 0x93), new(0x06, 0x26, 0x4E)];

    // Kept, because every cell asks for them.
    private readonly float cellWidth = Math.Clamp(MathF.Floor(900f / Math.Max(1, columnNames.Count)), 5, 60);
    private readonly float cellHeight = Math.Clamp(MathF.Floor(800f / Math.Max(1, rowNames.Count)), 5, 26);
    private readonly float left = Page.Margin + 10 + Longest(rowNames);
    private readonly float longestColumnName = Longest(columnNames);

    /// <summary>Whether each column spans the colours by itself, as columns of different units need.</summary>
    public bool ScaleEachColumn { get; init; }

    private bool Upright => longestColumnName > cellWidth - 4;

    private float Top => Page.Margin + Page.TitleHeight + 18 + (Upright ? longestColumnName : Page.TextHeight) + 8;

    /// <summary>Writes the table as PNG.</summary>
    /// <param name="path">PNG file to write.</param>
    /// <param name="values">The numbers [rows, columns]; one that is not finite is pink.</param>
    public void Save(string path, float[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        int rows = rowNames.Count, columns = columnNames.Count;
        if (values.Length != rows * columns)
        {
            throw new ArgumentException(
                $"There are {values.Length} numbers for {rows} rows of {columns} columns; give [rows, columns] numbers.",
                nameof(values));
        }

        (float Low, float High) whole = Range(values);
        (float Low, float High)[] ranges = [.. Enumerable.Range(0, columns).Select(column => ScaleEachColumn
            ? Range(Enumerable.Range(0, rows).Select(row => values[(row * columns) + column]))
            : whole)];

        SKRect end = Cell(rows - 1, columns - 1);
        string[] key = ScaleEachColumn ? ["highest of column", "lowest of column"] : [Number(whole.High), Number(whole.Low)];
        float keyRight = end.Right + 22 + KeyWidth + 8 + key.Max(text => StrokeFont.Measure(text, Page.TextHeight));
        float width = Math.Max(keyRight, Page.Margin + StrokeFont.Measure(title, Page.TitleHeight)) + Page.Margin;
        Page.Save(path, width, Math.Max(end.Bottom, Top + 80) + Page.Margin, canvas =>
        {
            Page.Title(canvas, title);
            DrawNames(canvas);
            for (int i = 0; i < values.Length; i++)
                DrawCell(canvas, Cell(i / columns, i % columns), values[i], ranges[i % columns]);
            DrawKey(canvas, new SKRect(end.Right + 22, Top, end.Right + 22 + KeyWidth, Top + Math.Clamp(end.Bottom - Top, 80, 200)), key);
        });
    }

    /// <summary>Where a cell lies.</summary>
    internal SKRect Cell(int row, int column)
    {
        float x = left + (column * cellWidth);
        float y = Top + (row * cellHeight);
        return new SKRect(x, y, x + cellWidth, y + cellHeight);
    }

    /// <summary>The colour of a share of the range.</summary>
    internal static SKColor Colour(float share)
    {
        float place = Math.Clamp(share, 0, 1) * (Ramp.Length - 1);
        int below = Math.Min((int)place, Ramp.Length - 2);
        float rest = place - below;
        return new SKColor(Mix(c => c.Red), Mix(c => c.Green), Mix(c => c.Blue));

        byte Mix(Func<SKColor, byte> part) => (byte)MathF.Round(((1 - rest) * part(Ramp[below])) + (rest * part(Ramp[below + 1])));
    }

    private void DrawNames(SKCanvas canvas)
    {
        // Where lines are closer than letters are high, only some are named.
        int everyRow = (int)MathF.Ceiling((Page.TextHeight + 4) / cellHeight);
        for (int row = 0; row < rowNames.Count; row += everyRow)
        {
            string name = StrokeFont.Fit(rowNames[row], Page.TextHeight, LongestName);
            StrokeFont.Draw(
                canvas,
                name,
                new SKPoint(left - 8, Cell(row, 0).MidY + (Page.TextHeight / 2)),
                Page.TextHeight,
                Page.Soft,
                SKTextAlign.Right);
        }

        int everyColumn = Upright ? (int)MathF.Ceiling((Page.TextHeight + 4) / cellWidth) : 1;
        for (int column = 0; column < columnNames.Count; column += everyColumn)
        {
            string name = StrokeFont.Fit(columnNames[column], Page.TextHeight, LongestName);
            float middle = Cell(0, column).MidX;
            if (Upright)
                StrokeFont.DrawUpwards(canvas, name, new SKPoint(middle + (Page.TextHeight / 2), Top - 8), Page.TextHeight, Page.Soft);
            else
                StrokeFont.Draw(canvas, name, new SKPoint(middle, Top - 8), Page.TextHeight, Page.Soft, SKTextAlign.Center);
        }
    }

    private static void DrawCell(SKCanvas canvas, SKRect cell, float value, (float Low, float High) range)
    {
        float share = range.High > range.Low ? (value - range.Low) / (range.High - range.Low) : 0.5f;
        float gap = cell.Width >= 12 && cell.Height >= 12 ? 1 : 0;
        Page.Fill(
            canvas,
            new SKRect(cell.Left, cell.Top, cell.Right - gap, cell.Bottom - gap),
            float.IsFinite(value) ? Colour(share) : Page.NotANumber);
        string text = Number(value);
        const float height = 7;
        if (cell.Height > 2 * height && StrokeFont.Measure(text, height) < cell.Width - 4)
        {
            StrokeFont.Draw(
                canvas,
                text,
                new SKPoint(cell.MidX, cell.MidY + (height / 2)),
                height,
                share > 0.45f ? SKColors.White : Page.Ink,
                SKTextAlign.Center);
        }
    }

    private static void DrawKey(SKCanvas canvas, SKRect bar, string[] ends)
    {
        for (float y = bar.Top; y < bar.Bottom; y++)
            Page.Fill(canvas, new SKRect(bar.Left, y, bar.Right, y + 1), Colour((bar.Bottom - y) / bar.Height));
        StrokeFont.Draw(canvas, ends[0], new SKPoint(bar.Right + 8, bar.Top + Page.TextHeight), Page.TextHeight, Page.Soft);
        StrokeFont.Draw(canvas, ends[1], new SKPoint(bar.Right + 8, bar.Bottom), Page.TextHeight, Page.Soft);
    }

    private static float Longest(IEnumerable<string> names) =>
        Math.Min(LongestName, names.Select(name => StrokeFont.Measure(name, Page.TextHeight)).DefaultIfEmpty(0).Max());

    private static (float Low, float High) Range(IEnumerable<float> values)
    {
        float[] finite = [.. values.Where(float.IsFinite).DefaultIfEmpty(0)];
        return (finite.Min(), finite.Max());
    }

    private static string Number(float value) => Math.Abs(value) is 0 or (>= 0.01f and < 10000)
        ? value.ToString(Math.Abs(value) switch { >= 100 => "0", >= 10 => "0.0", _ => "0.00" }, CultureInfo.InvariantCulture)
        : value.ToString("0.0e0", CultureInfo.InvariantCulture);
}
