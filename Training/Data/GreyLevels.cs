using System.Numerics;
using System.Runtime.InteropServices;

namespace IlgpuVae.Training.Data;

/// <summary>Grey levels 0 to 255 as numbers from 0 to 1.</summary>
internal static class GreyLevels
{
    private const float White = byte.MaxValue;

    /// <summary>level / 255, a vector at a time: one by one it would be felt beside an encoder.</summary>
    public static void Numbers(ReadOnlySpan<byte> levels, Span<float> numbers)
    {
        Vector<float> white = new(White);
        int i = 0;
        for (; i <= levels.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(levels[i..]), out Vector<ushort> low, out Vector<ushort> high);
            Span<Vector<float>> to = MemoryMarshal.Cast<float, Vector<float>>(numbers.Slice(i, Vector<byte>.Count));
            Vector.Widen(Vector.AsVectorInt16(low), out Vector<int> first, out Vector<int> second);
            Vector.Widen(Vector.AsVectorInt16(high), out Vector<int> third, out Vector<int> fourth);
            to[0] = Vector.ConvertToSingle(first) / white;
            to[1] = Vector.ConvertToSingle(second) / white;
            to[2] = Vector.ConvertToSingle(third) / white;
            to[3] = Vector.ConvertToSingle(fourth) / white;
        }

        for (; i < levels.Length; i++)
            numbers[i] = levels[i] / White;
    }
}
