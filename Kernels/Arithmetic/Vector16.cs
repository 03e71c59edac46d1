using ILGPU;

namespace IlgpuVae.Kernels;

/// <summary>
/// Sixteen neighbouring float32 numbers. Written out member by member because ILGPU unrolls no loop: this is what compilers for
/// processors turn into vector registers, and what keeps a tile of sums in registers on graphics processors.
/// </summary>
public struct Vector16
{
    /// <summary>How many numbers it holds.</summary>
    public const int Width = 16;

    private float x0, x1, x2, x3, x4, x5, x6, x7,
        x8, x9, x10, x11, x12, x13, x14, x15;

    /// <summary>Sixteen times <paramref name="value"/>.</summary>
    public static Vector16 Fill(float value)
    {
        Vector16 r;
        r.x0 = value;
        r.x1 = value;
        r.x2 = value;
        r.x3 = value;
        r.x4 = value;
        r.x5 = value;
        r.x6 = value;
        r.x7 = value;
        r.x8 = value;
        r.x9 = value;
        r.x10 = value;
        r.x11 = value;
        r.x12 = value;
        r.x13 = value;
        r.x14 = value;
        r.x15 = value;
        return r;
    }

    /// <summary>The sixteen numbers from <paramref name="start"/> on.</summary>
    public static Vector16 Load(ArrayView<float> source, long start)
    {
        // Constant offsets into a view of sixteen are seen as one contiguous load; start + i in 32-bit arithmetic is not.
        ArrayView<float> v = source.SubView(start, Width);
        Vector16 r;
        r.x0 = v[0];
        r.x1 = v[1];
        r.x2 = v[2];
        r.x3 = v[3];
        r.x4 = v[4];
        r.x5 = v[5];
        r.x6 = v[6];
        r.x7 = v[7];
        r.x8 = v[8];
        r.x9 = v[9];
        r.x10 = v[10];
        r.x11 = v[11];
        r.x12 = v[12];
        r.x13 = v[13];
        r.x14 = v[14];
        r.x15 = v[15];
        return r;
    }

    /// <summary>The first <paramref name="count"/> numbers from <paramref name="start"/> on, and <paramref name="filler"/> behind them.</summary>
    public static Vector16 LoadPart(ArrayView<float> source, long start, int count, float filler)
    {
        ArrayView<float> v = source.SubView(start, count);
        Vector16 r;
        r.x0 = 0 < count ? v[0] : filler;
        r.x1 = 1 < count ? v[1] : filler;
        r.x2 = 2 < count ? v[2] : filler;
        r.x3 = 3 < count ? v[3] : filler;
        r.x4 = 4 < count ? v[4] : filler;
        r.x5 = 5 < count ? v[5] : filler;
        r.x6 = 6 < count ? v[6] : filler;
        r.x7 = 7 < count ? v[7] : filler;
        r.x8 = 8 < count ? v[8] : filler;
        r.x9 = 9 < count ? v[9] : filler;
        r.x10 = 10 < count ? v[10] : filler;
        r.x11 = 11 < count ? v[11] : filler;
        r.x12 = 12 < count ? v[12] : filler;
        r.x13 = 13 < count ? v[13] : filler;
        r.x14 = 14 < count ? v[14] : filler;
        r.x15 = 15 < count ? v[15] : filler;
        return r;
    }

    /// <summary>Writes the sixteen numbers from <paramref name="start"/> on.</summary>
    public readonly void Store(ArrayView<float> target, long start)
    {
        ArrayView<float> v = target.SubView(start, Width);
        v[0] = x0;
        v[1] = x1;
        v[2] = x2;
        v[3] = x3;
        v[4] = x4;
        v[5] = x5;
        v[6] = x6;
        v[7] = x7;
        v[8] = x8;
        v[9] = x9;
        v[10] = x10;
        v[11] = x11;
        v[12] = x12;
        v[13] = x13;
        v[14] = x14;
        v[15] = x15;
    }

    /// <summary>Writes the first <paramref name="count"/> numbers from <paramref name="start"/> on.</summary>
    public readonly void StorePart(ArrayView<float> target, long start, int count)
    {
        ArrayView<float> v = target.SubView(start, count);
        if (0 < count)
            v[0] = x0;
        if (1 < count)
            v[1] = x1;
        if (2 < count)
            v[2] = x2;
        if (3 < count)
            v[3] = x3;
        if (4 < count)
            v[4] = x4;
        if (5 < count)
            v[5] = x5;
        if (6 < count)
            v[6] = x6;
        if (7 < count)
            v[7] = x7;
        if (8 < count)
            v[8] = x8;
        if (9 < count)
            v[9] = x9;
        if (10 < count)
            v[10] = x10;
        if (11 < count)
            v[11] = x11;
        if (12 < count)
            v[12] = x12;
        if (13 < count)
            v[13] = x13;
        if (14 < count)
            v[14] = x14;
        if (15 < count)
            v[15] = x15;
    }

    /// <summary>a * b + c, element by element, for a single a.</summary>
    public static Vector16 MultiplyAdd(float a, Vector16 b, Vector16 c)
    {
        Vector16 r;
        r.x0 = Elementary.MultiplyAdd(a, b.x0, c.x0);
        r.x1 = Elementary.MultiplyAdd(a, b.x1, c.x1);
        r.x2 = Elementary.MultiplyAdd(a, b.x2, c.x2);
        r.x3 = Elementary.MultiplyAdd(a, b.x3, c.x3);
        r.x4 = Elementary.MultiplyAdd(a, b.x4, c.x4);
        r.x5 = Elementary.MultiplyAdd(a, b.x5, c.x5);
        r.x6 = Elementary.MultiplyAdd(a, b.x6, c.x6);
        r.x7 = Elementary.MultiplyAdd(a, b.x7, c.x7);
        r.x8 = Elementary.MultiplyAdd(a, b.x8, c.x8);
        r.x9 = Elementary.MultiplyAdd(a, b.x9, c.x9);
        r.x10 = Elementary.MultiplyAdd(a, b.x10, c.x10);
        r.x11 = Elementary.MultiplyAdd(a, b.x11, c.x11);
        r.x12 = Elementary.MultiplyAdd(a, b.x12, c.x12);
        r.x13 = Elementary.MultiplyAdd(a, b.x13, c.x13);
        r.x14 = Elementary.MultiplyAdd(a, b.x14, c.x14);
        r.x15 = Elementary.MultiplyAdd(a, b.x15, c.x15);
        return r;
    }

    /// <summary>a * b + c, element by element.</summary>
    public static Vector16 MultiplyAdd(Vector16 a, Vector16 b, Vector16 c)
    {
        Vector16 r;
        r.x0 = Elementary.MultiplyAdd(a.x0, b.x0, c.x0);
        r.x1 = Elementary.MultiplyAdd(a.x1, b.x1, c.x1);
        r.x2 = Elementary.MultiplyAdd(a.x2, b.x2, c.x2);
        r.x3 = Elementary.MultiplyAdd(a.x3, b.x3, c.x3);
        r.x4 = Elementary.MultiplyAdd(a.x4, b.x4, c.x4);
        r.x5 = Elementary.MultiplyAdd(a.x5, b.x5, c.x5);
        r.x6 = Elementary.MultiplyAdd(a.x6, b.x6, c.x6);
        r.x7 = Elementary.MultiplyAdd(a.x7, b.x7, c.x7);
        r.x8 = Elementary.MultiplyAdd(a.x8, b.x8, c.x8);
        r.x9 = Elementary.MultiplyAdd(a.x9, b.x9, c.x9);
        r.x10 = Elementary.MultiplyAdd(a.x10, b.x10, c.x10);
        r.x11 = Elementary.MultiplyAdd(a.x11, b.x11, c.x11);
        r.x12 = Elementary.MultiplyAdd(a.x12, b.x12, c.x12);
        r.x13 = Elementary.MultiplyAdd(a.x13, b.x13, c.x13);
        r.x14 = Elementary.MultiplyAdd(a.x14, b.x14, c.x14);
        r.x15 = Elementary.MultiplyAdd(a.x15, b.x15, c.x15);
        return r;
    }

    /// <summary>a + b, element by element.</summary>
    public static Vector16 Add(Vector16 a, Vector16 b)
    {
        Vector16 r;
        r.x0 = a.x0 + b.x0;
        r.x1 = a.x1 + b.x1;
        r.x2 = a.x2 + b.x2;
        r.x3 = a.x3 + b.x3;
        r.x4 = a.x4 + b.x4;
        r.x5 = a.x5 + b.x5;
        r.x6 = a.x6 + b.x6;
        r.x7 = a.x7 + b.x7;
        r.x8 = a.x8 + b.x8;
        r.x9 = a.x9 + b.x9;
        r.x10 = a.x10 + b.x10;
        r.x11 = a.x11 + b.x11;
        r.x12 = a.x12 + b.x12;
        r.x13 = a.x13 + b.x13;
        r.x14 = a.x14 + b.x14;
        r.x15 = a.x15 + b.x15;
        return r;
    }

    /// <summary>The sum of the sixteen numbers, as a tree.</summary>
    public readonly float Sum() =>
        (((x0 + x8) + (x4 + x12)) + ((x2 + x10) + (x6 + x14))) + (((x1 + x9) + (x5 + x13)) + ((x3 + x11) + (x7 + x15)));
}
