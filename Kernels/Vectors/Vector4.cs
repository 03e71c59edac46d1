using ILGPU;
using ILGPU.Runtime;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// Four neighbouring elements. As <see cref="IVector{TSelf}"/> it reads and writes them in one 128-bit access, for rows that are whole multiples of four on
/// 16-byte boundaries.
/// </summary>
internal struct Vector4 : IVector<Vector4>
{
    /// <summary>How many numbers it holds.</summary>
    public const int Width = 4;

    private float x, y, z, w;

    /// <summary>The first element.</summary>
    public readonly float X => x;

    /// <summary>The second.</summary>
    public readonly float Y => y;

    /// <summary>The third.</summary>
    public readonly float Z => z;

    /// <summary>The fourth.</summary>
    public readonly float W => w;

    /// <inheritdoc/>
    static int IVector<Vector4>.Width => Width;

    /// <inheritdoc/>
    public static Vector4 Fill(float value)
    {
        Vector4 r;
        r.x = value;
        r.y = value;
        r.z = value;
        r.w = value;
        return r;
    }

    /// <summary>Four numbers.</summary>
    public static Vector4 Of(float x, float y, float z, float w)
    {
        Vector4 r;
        r.x = x;
        r.y = y;
        r.z = z;
        r.w = w;
        return r;
    }

    /// <inheritdoc/>
    public static Vector4 CountFrom(int start) => Of(start, start + 1, start + 2, start + 3);

    /// <inheritdoc/>
    public static Vector4 Load(ArrayView<float> row, int start) => Fours(row)[start / Width];

    /// <inheritdoc/>
    public static void Store(Vector4 value, ArrayView<float> row, int start)
    {
        ArrayView<Vector4> fours = Fours(row);
        fours[start / Width] = value;
    }

    /// <inheritdoc/>
    public static Vector4 LoadPart(ArrayView<float> row, int start, int count, float filler) => Load(row, start);

    /// <inheritdoc/>
    public static void StorePart(Vector4 value, ArrayView<float> row, int start, int count) => Store(value, row, start);

    /// <inheritdoc/>
    public static Vector4 Part(Vector4 value, int count) => value;

    /// <inheritdoc/>
    public static Vector4 RandomWords(RandomRow row, int column)
    {
        Philox4 block = row.Block(column / Width);
        return Of(Philox.Signed(block.X), Philox.Signed(block.Y), Philox.Signed(block.Z), Philox.Signed(block.W));
    }

    /// <inheritdoc/>
    public static Vector4 operator +(Vector4 a, Vector4 b)
    {
        Vector4 r;
        r.x = a.x + b.x;
        r.y = a.y + b.y;
        r.z = a.z + b.z;
        r.w = a.w + b.w;
        return r;
    }

    /// <inheritdoc/>
    public static Vector4 operator -(Vector4 a, Vector4 b)
    {
        Vector4 r;
        r.x = a.x - b.x;
        r.y = a.y - b.y;
        r.z = a.z - b.z;
        r.w = a.w - b.w;
        return r;
    }

    /// <inheritdoc/>
    public static Vector4 operator *(Vector4 a, Vector4 b)
    {
        Vector4 r;
        r.x = a.x * b.x;
        r.y = a.y * b.y;
        r.z = a.z * b.z;
        r.w = a.w * b.w;
        return r;
    }

    /// <inheritdoc/>
    public static Vector4 operator /(Vector4 a, Vector4 b)
    {
        Vector4 r;
        r.x = a.x / b.x;
        r.y = a.y / b.y;
        r.z = a.z / b.z;
        r.w = a.w / b.w;
        return r;
    }

    /// <inheritdoc/>
    public static Vector4 Sqrt(Vector4 a)
    {
        Vector4 r;
        r.x = MathF.Sqrt(a.x);
        r.y = MathF.Sqrt(a.y);
        r.z = MathF.Sqrt(a.z);
        r.w = MathF.Sqrt(a.w);
        return r;
    }

    /// <inheritdoc/>
    public static Vector4 MultiplyAdd(Vector4 a, Vector4 b, Vector4 c)
    {
        Vector4 r;
        r.x = FusedMultiplyAdd.Compute(a.x, b.x, c.x);
        r.y = FusedMultiplyAdd.Compute(a.y, b.y, c.y);
        r.z = FusedMultiplyAdd.Compute(a.z, b.z, c.z);
        r.w = FusedMultiplyAdd.Compute(a.w, b.w, c.w);
        return r;
    }

    /// <inheritdoc/>
    /// <remarks>As <see cref="Scalar.Max"/>.</remarks>
    public static Vector4 Max(Vector4 a, Vector4 b)
    {
        Vector4 r;
        r.x = b.x < a.x ? a.x : b.x;
        r.y = b.y < a.y ? a.y : b.y;
        r.z = b.z < a.z ? a.z : b.z;
        r.w = b.w < a.w ? a.w : b.w;
        return r;
    }

    /// <inheritdoc/>
    /// <remarks>As <see cref="Scalar.Max"/>.</remarks>
    public static Vector4 Min(Vector4 a, Vector4 b)
    {
        Vector4 r;
        r.x = b.x > a.x ? a.x : b.x;
        r.y = b.y > a.y ? a.y : b.y;
        r.z = b.z > a.z ? a.z : b.z;
        r.w = b.w > a.w ? a.w : b.w;
        return r;
    }

    /// <inheritdoc/>
    public static Vector4 PowerOfTwo(Vector4 shifted)
    {
        Vector4 r;
        r.x = FloatBits.PowerOfTwo(shifted.x);
        r.y = FloatBits.PowerOfTwo(shifted.y);
        r.z = FloatBits.PowerOfTwo(shifted.z);
        r.w = FloatBits.PowerOfTwo(shifted.w);
        return r;
    }

    /// <inheritdoc/>
    public static Vector4 Exponent(Vector4 value)
    {
        Vector4 r;
        r.x = FloatBits.Exponent(value.x);
        r.y = FloatBits.Exponent(value.y);
        r.z = FloatBits.Exponent(value.z);
        r.w = FloatBits.Exponent(value.w);
        return r;
    }

    /// <inheritdoc/>
    public static Vector4 Mantissa(Vector4 value)
    {
        Vector4 r;
        r.x = FloatBits.Mantissa(value.x);
        r.y = FloatBits.Mantissa(value.y);
        r.z = FloatBits.Mantissa(value.z);
        r.w = FloatBits.Mantissa(value.w);
        return r;
    }

    /// <inheritdoc/>
    public static Vector4 WherePositive(Vector4 test, Vector4 value, Vector4 otherwise)
    {
        Vector4 r;
        r.x = test.x > 0f ? value.x : otherwise.x;
        r.y = test.y > 0f ? value.y : otherwise.y;
        r.z = test.z > 0f ? value.z : otherwise.z;
        r.w = test.w > 0f ? value.w : otherwise.w;
        return r;
    }

    /// <inheritdoc/>
    public static Vector4 WhereEqual(Vector4 a, Vector4 b, Vector4 value, Vector4 otherwise)
    {
        Vector4 r;
        r.x = a.x == b.x ? value.x : otherwise.x;
        r.y = a.y == b.y ? value.y : otherwise.y;
        r.z = a.z == b.z ? value.z : otherwise.z;
        r.w = a.w == b.w ? value.w : otherwise.w;
        return r;
    }

    /// <inheritdoc/>
    public static float First(Vector4 value) => value.x;

    /// <inheritdoc/>
    public static float Sum(Vector4 value) => (value.x + value.y) + (value.z + value.w);

    /// <inheritdoc/>
    public static float Largest(Vector4 value) => Larger(Larger(value.x, value.y), Larger(value.z, value.w));

    /// <summary>
    /// Those of the elements from <paramref name="at"/> on that are among the first <paramref name="count"/>, one by one wherever they lie, and
    /// <paramref name="filler"/> behind them.
    /// </summary>
    public static Vector4 LoadSome(ArrayView<float> elements, long at, int count, float filler = 0f)
    {
        Vector4 r = Fill(filler);
        if (count > 0)
            r.x = elements[at];
        if (count > 1)
            r.y = elements[at + 1];
        if (count > 2)
            r.z = elements[at + 2];
        if (count > 3)
            r.w = elements[at + 3];
        return r;
    }

    /// <summary>Writes what <see cref="LoadSome"/> reads.</summary>
    public static void StoreSome(Vector4 value, ArrayView<float> elements, long at, int count)
    {
        if (count > 0)
            elements[at] = value.x;
        if (count > 1)
            elements[at + 1] = value.y;
        if (count > 2)
            elements[at + 2] = value.z;
        if (count > 3)
            elements[at + 3] = value.w;
    }

    /// <summary>The first <paramref name="count"/> elements, and zeros behind them.</summary>
    internal static Vector4 FirstOf(Vector4 value, int count) =>
        Of(count > 0 ? value.x : 0f, count > 1 ? value.y : 0f, count > 2 ? value.z : 0f, count > 3 ? value.w : 0f);

    // What the compiler knows of a buffer's alignment is lost with the first part taken of it, and with it the 128-bit access.
    private static ArrayView<Vector4> Fours(ArrayView<float> row) => row.AsAligned(Width * sizeof(float)).Cast<Vector4>();

    private static float Larger(float a, float b) => b < a ? a : b;
}
