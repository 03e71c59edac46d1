using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>Draws glyphs: three thick strokes, straight or bent, each beginning where the last one ended, between the knots of a 4 x 4 grid.</summary>
internal static class GlyphPrototypes
{
    private const int Strokes = 3;
    private const int KnotsPerSide = 4;
    private const int TriesPerDistance = 256;

    // Coordinates are whole multiples of 1/64 pixel and curves are parabolas, so no rounding differs between machines.
    private const int Pixel = 64;

    /// <summary>
    /// Prototypes [count, size * size] of 0 and 255. Any two differ in at least an eighth of the pixels; where so many glyphs do not fit,
    /// the distance is lowered one pixel at a time, down to 1.
    /// </summary>
    public static byte[] Draw(int count, int size, int seed)
    {
        CounterRandom random = new((ulong)seed, (ulong)GlyphStream.Prototypes);
        int width = size * size;
        byte[] prototypes = new byte[count * width];
        byte[] glyph = new byte[width];
        int distance = width / 8;
        ulong counter = 0;
        int tries = 0;
        for (int drawn = 0; drawn < count;)
        {
            if (tries++ == TriesPerDistance)
            {
                tries = 0;
                if (--distance == 0)
                    throw new InputException(
                        $"glyphs: only {drawn} distinct prototypes were found at size {size}, but {count} were asked for. Lower prototypes or raise size.");
            }
            int ink = DrawOne(glyph, size, random, ref counter);
            if (ink < width / 8 || ink > width / 2 || !IsApart(glyph, prototypes.AsSpan(0, drawn * width), distance))
                continue;
            glyph.CopyTo(prototypes, drawn++ * width);
            tries = 0;
        }
        return prototypes;
    }

    private static int DrawOne(byte[] glyph, int size, CounterRandom random, ref ulong counter)
    {
        Array.Clear(glyph);
        (long X, long Y) start = Knot(size, random, ref counter);
        for (int stroke = 0; stroke < Strokes; stroke++)
        {
            (long X, long Y) end = Knot(size, random, ref counter);
            (long X, long Y) bend = random.Below(2, counter++) == 0
                ? ((start.X + end.X) / 2, (start.Y + end.Y) / 2)
                : Knot(size, random, ref counter);
            int steps = 4 * size;
            for (long i = 0, j = steps; i <= steps; i++, j--)
            {
                long scale = (long)steps * steps;
                Dot(
                    glyph,
                    size,
                    ((j * j * start.X) + (2 * i * j * bend.X) + (i * i * end.X)) / scale,
                    ((j * j * start.Y) + (2 * i * j * bend.Y) + (i * i * end.Y)) / scale);
            }
            start = end;
        }
        return glyph.Count(level => level != 0);
    }

    private static (long X, long Y) Knot(int size, CounterRandom random, ref ulong counter)
    {
        long margin = size * Pixel / 8;
        long spacing = ((size * Pixel) - (2 * margin)) / (KnotsPerSide - 1);
        long x = margin + (spacing * random.Below(KnotsPerSide, counter++));
        return (x, margin + (spacing * random.Below(KnotsPerSide, counter++)));
    }

    /// <summary>Inks the pixels whose centres lie within a sixteenth of the size from the point.</summary>
    private static void Dot(byte[] glyph, int size, long x, long y)
    {
        long radius = size * Pixel / 16;
        for (long py = Math.Max(0, (y - radius) / Pixel); py <= Math.Min(size - 1, (y + radius) / Pixel); py++)
        {
            for (long px = Math.Max(0, (x - radius) / Pixel); px <= Math.Min(size - 1, (x + radius) / Pixel); px++)
            {
                long dx = (px * Pixel) + (Pixel / 2) - x;
                long dy = (py * Pixel) + (Pixel / 2) - y;
                if ((dx * dx) + (dy * dy) <= radius * radius)
                    glyph[(py * size) + px] = byte.MaxValue;
            }
        }
    }

    private static bool IsApart(ReadOnlySpan<byte> glyph, ReadOnlySpan<byte> others, int distance)
    {
        for (int start = 0; start < others.Length; start += glyph.Length)
        {
            int differ = 0;
            for (int d = 0; d < glyph.Length; d++)
                differ += glyph[d] != others[start + d] ? 1 : 0;
            if (differ < distance)
                return false;
        }
        return true;
    }
}
