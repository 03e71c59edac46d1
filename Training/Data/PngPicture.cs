using IlgpuVae.Runtime;
using SkiaSharp;

namespace IlgpuVae.Training.Data;

/// <summary>Decodes one PNG to grey levels.</summary>
internal static class PngPicture
{
    // A picture this large takes 128 MiB while it is decoded; a header may claim far more.
    private const long MostPixels = 1 << 25;

    /// <summary>Grey levels [height, width]: 0.299 R + 0.587 G + 0.114 B, transparent parts over white.</summary>
    public static (byte[] Levels, (int Height, int Width) Size) Decode(string path, byte[] content)
    {
        using MemoryStream stream = new(content);
        using SKCodec codec = SKCodec.Create(stream, out SKCodecResult opened);
        if (opened != SKCodecResult.Success || codec.EncodedFormat != SKEncodedImageFormat.Png)
            throw new InputException($"{path} is not a PNG, whatever its name says. Convert it or remove it.");
        (int height, int width) = (codec.Info.Height, codec.Info.Width);
        if ((long)height * width > MostPixels)
            throw new InputException($"{path} claims {width} x {height} pixels, more than the {MostPixels} that are decoded. Make it smaller or remove it.");
        // No colour space in the request: levels come out as they are stored.
        SKImageInfo wanted = new(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        SKCodecResult result = codec.GetPixels(wanted, out byte[] pixels);
        if (result != SKCodecResult.Success)
            throw new InputException($"{path} is cut short or damaged ({result}). Copy or download it again, or remove it.");
        byte[] levels = new byte[height * width];
        for (int i = 0; i < levels.Length; i++)
        {
            int luma = ((299 * pixels[4 * i]) + (587 * pixels[(4 * i) + 1]) + (114 * pixels[(4 * i) + 2]) + 500) / 1000;
            int alpha = pixels[(4 * i) + 3];
            levels[i] = (byte)(((luma * alpha) + (255 * (255 - alpha)) + 127) / 255);
        }
        return (levels, (height, width));
    }
}
