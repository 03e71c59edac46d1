using SkiaSharp;

namespace IlgpuVae.Training.Pictures;

/// <summary>
/// Text drawn as strokes of our own design (<see cref="StrokeGlyphs"/>). Machines that train often have no fonts at all, and there
/// the graphics library would draw nothing.
/// </summary>
internal static class StrokeFont
{
    private const float CapHeight = 7;
    private const float Gap = 1.5f;
    private const float SpaceWidth = 2.2f;

    private static readonly Dictionary<char, SKPath> Paths =
        StrokeGlyphs.All.ToDictionary(glyph => glyph.Key, glyph => SKPath.ParseSvgPathData(glyph.Value));

    // An empty box tells that a character has no drawing; a gap would tell nothing.
    private static readonly SKPath Unknown = SKPath.ParseSvgPathData("M0 0H3.4V7H0Z");

    /// <summary>Width of a text in pixels when its capitals are <paramref name="height"/> pixels high.</summary>
    internal static float Measure(string text, float height)
    {
        float width = text.Sum(letter => Advance(letter)) - (text.Length > 0 ? Gap : 0);
        return width * height / CapHeight;
    }

    /// <summary>Draws a text whose baseline begins, is centred or ends at a point.</summary>
    internal static void Draw(
        SKCanvas canvas, string text, SKPoint at, float height, SKColor colour, SKTextAlign align = SKTextAlign.Left, bool bold = false)
    {
        float scale = height / CapHeight;
        float shift = align switch
        {
            SKTextAlign.Center => Measure(text, height) / 2,
            SKTextAlign.Right => Measure(text, height),
            _ => 0,
        };

        using SKPaint paint = new()
        {
            Color = colour,
            IsAntialias = true,
            Style = SKPaintStyle.Stroke,
            StrokeWidth = (bold ? 1.25f : 0.85f) * Math.Max(1, 1.1f / scale),
            StrokeCap = SKStrokeCap.Round,
            StrokeJoin = SKStrokeJoin.Round,
        };
        _ = canvas.Save();
        canvas.Translate(at.X - shift, at.Y - height);
        canvas.Scale(scale);
        foreach (char letter in text)
        {
            if (letter != ' ')
                canvas.DrawPath(Paths.GetValueOrDefault(letter, Unknown), paint);
            canvas.Translate(Advance(letter), 0);
        }

        canvas.Restore();
    }

    /// <summary>Draws a text that reads upwards from a point.</summary>
    internal static void DrawUpwards(SKCanvas canvas, string text, SKPoint at, float height, SKColor colour)
    {
        _ = canvas.Save();
        canvas.RotateDegrees(-90, at.X, at.Y);
        Draw(canvas, text, at, height, colour);
        canvas.Restore();
    }

    /// <summary>The text, cut with dots where it is wider than <paramref name="width"/>.</summary>
    internal static string Fit(string text, float height, float width)
    {
        if (Measure(text, height) <= width)
            return text;
        string cut = text;
        while (cut.Length > 0 && Measure(cut + "..", height) > width)
            cut = cut[..^1];
        return cut.Length == 0 ? "" : cut + "..";
    }

    private static float Advance(char letter)
    {
        if (letter == ' ')
            return SpaceWidth + Gap;
        SKPath path = Paths.GetValueOrDefault(letter, Unknown);

        // Digits share one width, so that columns of numbers line up.
        return (char.IsAsciiDigit(letter) ? 4 : path.TightBounds.Right) + Gap;
    }
}
