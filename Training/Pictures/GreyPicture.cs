using SkiaSharp;

namespace IlgpuVae.Training.Pictures;

/// <summary>One picture as a PNG of grey levels, a pixel for each number.</summary>
internal static class GreyPicture
{
    /// <summary>The grey level of a number: 0 is black, 1 is white, what lies outside is clipped.</summary>
    public static byte Level(float value) => (byte)MathF.Round(255 * Math.Clamp(value, 0, 1));

    /// <summary>Writes a picture [H, W].</summary>
    public static void Write(string path, ReadOnlySpan<float> picture, int height, int width)
    {
        using SKBitmap bitmap = new(new SKImageInfo(width, height, SKColorType.Gray8, SKAlphaType.Opaque));
        Span<byte> pixels = bitmap.GetPixelSpan();
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
                pixels[(y * bitmap.RowBytes) + x] = Level(picture[(y * width) + x]);
        }

        using SKData data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        using FileStream file = File.Create(path);
        data.SaveTo(file);
    }
}
