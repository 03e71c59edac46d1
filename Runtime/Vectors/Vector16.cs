using ILGPU;

namespace IlgpuVae.Runtime;

/// <summary>
/// Sixteen neighbouring float32 numbers. Written out member by member because ILGPU unrolls no loop: this is what compilers for
/// processors turn into vector registers, and what keeps the sums of a product's tile there.
/// </summary>
public struct Vector16
{
    /// <summary>How many numbers it holds.</summary>
    public const int Width = 16;

    private Vector4 a, b, c, d;

    /// <summary>The same value throughout.</summary>
    public static Vector16 Fill(float value)
    {
        Vector16 r;
        r.a = Vector4.Fill(value);
        r.b = Vector4.Fill(value);
        r.c = Vector4.Fill(value);
        r.d = Vector4.Fill(value);
        return r;
    }

    /// <summary>The sixteen numbers from <paramref name="start"/> on.</summary>
    public static Vector16 Load(ArrayView<float> source, long start)
    {
        // Constant offsets into a view of sixteen are seen as one contiguous load; start + i in 32-bit arithmetic is not.
        ArrayView<float> v = source.SubView(start, Width);
        Vector16 r;
        r.a = Vector4.Gather(v, 0);
        r.b = Vector4.Gather(v, 4);
        r.c = Vector4.Gather(v, 8);
        r.d = Vector4.Gather(v, 12);
        return r;
    }

    /// <summary>The first <paramref name="count"/> numbers from <paramref name="start"/> on, and <paramref name="filler"/> behind them.</summary>
    public static Vector16 LoadPart(ArrayView<float> source, long start, int count, float filler)
    {
        ArrayView<float> v = source.SubView(start, count);
        Vector16 r;
        r.a = Vector4.GatherPart(v, 0, count, filler);
        r.b = Vector4.GatherPart(v, 4, count, filler);
        r.c = Vector4.GatherPart(v, 8, count, filler);
        r.d = Vector4.GatherPart(v, 12, count, filler);
        return r;
    }

    /// <summary>x + y.</summary>
    public static Vector16 operator +(Vector16 x, Vector16 y)
    {
        Vector16 r;
        r.a = x.a + y.a;
        r.b = x.b + y.b;
        r.c = x.c + y.c;
        r.d = x.d + y.d;
        return r;
    }

    /// <summary>x y + z, rounded once where the hardware can.</summary>
    public static Vector16 MultiplyAdd(Vector16 x, Vector16 y, Vector16 z)
    {
        Vector16 r;
        r.a = Vector4.MultiplyAdd(x.a, y.a, z.a);
        r.b = Vector4.MultiplyAdd(x.b, y.b, z.b);
        r.c = Vector4.MultiplyAdd(x.c, y.c, z.c);
        r.d = Vector4.MultiplyAdd(x.d, y.d, z.d);
        return r;
    }

    /// <summary>The sum of the numbers, always in the same order.</summary>
    public static float Sum(Vector16 value) => Vector4.Sum((value.a + value.b) + (value.c + value.d));

    /// <summary>Writes the sixteen numbers from <paramref name="start"/> on.</summary>
    public readonly void Store(ArrayView<float> target, long start)
    {
        ArrayView<float> v = target.SubView(start, Width);
        a.Scatter(v, 0);
        b.Scatter(v, 4);
        c.Scatter(v, 8);
        d.Scatter(v, 12);
    }

    /// <summary>Writes the first <paramref name="count"/> numbers from <paramref name="start"/> on.</summary>
    public readonly void StorePart(ArrayView<float> target, long start, int count)
    {
        ArrayView<float> v = target.SubView(start, count);
        a.ScatterPart(v, 0, count);
        b.ScatterPart(v, 4, count);
        c.ScatterPart(v, 8, count);
        d.ScatterPart(v, 12, count);
    }
}
