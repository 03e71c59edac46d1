using System.Globalization;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>Reads the size of a picture as settings spell it: one number for a square, or height x width.</summary>
internal static class PictureSize
{
    private const int Largest = 4096;

    public static (int Height, int Width)? Parse(string setting, string? text)
    {
        if (text is null)
            return null;
        string[] sides = text.Split('x', 'X');
        if (sides.Length <= 2 && IsSide(sides[0], out int height) && IsSide(sides[^1], out int width))
            return (height, width);
        throw new InputException(
            $"{Setting.Of(setting)} {text} is not a picture size. Write one side, such as 28, or height x width, such as 28x20, each from 1 to {Largest}.");
    }

    private static bool IsSide(string text, out int side) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out side) && side is >= 1 and <= Largest;
}
