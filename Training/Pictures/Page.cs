using IlgpuVae.Model.Checkpoints;
using SkiaSharp;

namespace IlgpuVae.Training.Pictures;

/// <summary>What all pictures share: their colours, their letter sizes, and how they become a PNG file.</summary>
internal static class Page
{
    internal const float Margin = 18;
    internal const float TitleHeight = 11;
    internal const float TextHeight = 8;

    private const long MaximumBytes = 1L << 29;

    internal static readonly SKColor Ink = new(0x22, 0x26, 0x2B);
    internal static readonly SKColor Soft = new(0x6B, 0x72, 0x7B);
    internal static readonly SKColor Line = new(0xB4, 0xBA, 0xC2);
    internal static readonly SKColor Grid = new(0xE6, 0xE9, 0xED);

    /// <summary>Stands for a number that is no number; no other colour here is like it.</summary>
    internal static readonly SKColor NotANumber = new(0xE0, 0x1F, 0x8B);

    // Okabe and Ito's palette, which people with any of the common colour blindnesses can tell apart.
    private static readonly SKColor[] Palette =
    [
        new(0x00, 0x72, 0xB2), new(0xD5, 0x5E, 0x00), new(0x00, 0x9E, 0x73),
        new(0xCC, 0x79, 0xA7), new(0xE6, 0x9F, 0x00), new(0x56, 0xB4, 0xE9),
    ];

    internal static SKColor Colour(int index) => Palette[index % Palette.Length];

    /// <summary>Draws on a white page and writes it as PNG, replacing the file as a whole.</summary>
    internal static void Save(string path, float width, float height, Action<SKCanvas> draw)
    {
        SKImageInfo format = new((int)MathF.Ceiling(width), (int)MathF.Ceiling(height), SKColorType.Rgba8888, SKAlphaType.Opaque);
        if (format.BytesSize64 > MaximumBytes)
        {
            throw new ArgumentException(
                $"{path} would have {format.Width} x {format.Height} pixels, too many for a picture; show fewer tiles.",
                nameof(width));
        }

        using SKSurface surface = SKSurface.Create(format);
        surface.Canvas.Clear(SKColors.White);
        draw(surface.Canvas);
        using SKImage image = surface.Snapshot();
        using SKData data = image.Encode(SKEncodedImageFormat.Png, 100);
        AtomicFile.Write(path, data.SaveTo);
    }

    internal static void Title(SKCanvas canvas, string title) =>
        StrokeFont.Draw(canvas, title, new SKPoint(Margin, Margin + TitleHeight), TitleHeight, Ink, bold: true);

    internal static void Fill(SKCanvas canvas, SKRect area, SKColor colour)
    {
        using SKPaint paint = new() { Color = colour };
        canvas.DrawRect(area, paint);
    }

    internal static void Stroke(SKCanvas canvas, SKPoint from, SKPoint to, SKColor colour, float width = 1, bool dashed = false)
    {
        using SKPathEffect? dashes = dashed ? SKPathEffect.CreateDash([6, 4], 0) : null;
        using SKPaint paint = new() { Color = colour, StrokeWidth = width, IsAntialias = true, PathEffect = dashes };
        canvas.DrawLine(from, to, paint);
    }
}
