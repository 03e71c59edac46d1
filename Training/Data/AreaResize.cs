namespace IlgpuVae.Training.Data;

/// <summary>
/// Resizes grey pictures by averaging the area that each new pixel covers. Integer arithmetic throughout, so the same picture on every machine.
/// </summary>
internal static class AreaResize
{
    /// <summary>Picture [height, width] to [newHeight, newWidth]; the mean level is kept up to rounding.</summary>
    public static void Apply(ReadOnlySpan<byte> source, (int Height, int Width) size, Span<byte> target, (int Height, int Width) newSize)
    {
        // A source pixel is newSize units long and a target pixel is size units long, so every overlap is a whole number.
        long area = (long)size.Height * size.Width;
        for (int y = 0; y < newSize.Height; y++)
        {
            for (int x = 0; x < newSize.Width; x++)
            {
                (int top, int bottom) = Covered(y, size.Height, newSize.Height);
                (int left, int right) = Covered(x, size.Width, newSize.Width);
                long sum = 0;
                for (int j = top; j <= bottom; j++)
                {
                    long rowSum = 0;
                    for (int i = left; i <= right; i++)
                        rowSum += Overlap(x, i, size.Width, newSize.Width) * source[(j * size.Width) + i];
                    sum += rowSum * Overlap(y, j, size.Height, newSize.Height);
                }
                target[(y * newSize.Width) + x] = (byte)((sum + (area / 2)) / area);
            }
        }
    }

    private static (int First, int Last) Covered(int target, int length, int newLength) =>
        ((int)((long)target * length / newLength), (int)((((long)(target + 1) * length) - 1) / newLength));

    private static long Overlap(int target, int source, int length, int newLength) =>
        Math.Min((long)(target + 1) * length, (long)(source + 1) * newLength) - Math.Max((long)target * length, (long)source * newLength);
}
