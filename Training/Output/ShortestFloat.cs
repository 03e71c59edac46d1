using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace IlgpuVae.Training.Output;

/// <summary>
/// A float as the shortest text that reads back as the same, byte for byte what <see cref="float.TryFormat(Span{byte}, out int, ReadOnlySpan{char},
/// IFormatProvider)"/> writes for no culture, in about a third of its time: next to an encoder that is felt. The digits are found by R. Giulietti's
/// Schubfach ("The Schubfach way to render doubles", 2020), with 64-bit powers of ten.
/// </summary>
internal static class ShortestFloat
{
    /// <summary>Bytes that have to be there for a number, which takes fewer.</summary>
    public const int Room = 24;

    private const int FractionBits = 23;
    private const int Bias = 127 + FractionBits;
    private const int LeastPower = -31;
    private const int MostPower = 45;

    // Digits before the point, and zeros behind it, that a number has at most when it is written without an exponent.
    private const int PlainDigits = 9;
    private const int PlainZeros = 3;

    // Eight characters 0.
    private const ulong Zeros = 0x3030_3030_3030_3030;

    private static readonly ulong zeroPoint = MemoryMarshal.Read<ulong>("0.000000"u8);
    private static readonly ulong[] tens = [.. Enumerable.Range(LeastPower, MostPower - LeastPower + 1).Select(Ten)];

    /// <summary>Writes a number and returns how many bytes it took.</summary>
    /// <param name="number">The number.</param>
    /// <param name="to">Room for <see cref="Room"/> bytes; what is behind the number is not kept.</param>
    public static int Write(float number, Span<byte> to)
    {
        uint bits = BitConverter.SingleToUInt32Bits(number);
        if (!float.IsFinite(number) || bits << 1 == 0)
            return WriteSpecial(number, to);
        int sign = (int)(bits >> 31);
        to[0] = (byte)'-';
        (uint digits, int power) = Decimal(bits & ((1u << FractionBits) - 1), (int)(bits >> FractionBits) & 0xFF);
        return sign + Place(digits, power, to.Slice(sign, Room - 1));
    }

    // Apart, because what .NET takes for it would be set up for every number.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int WriteSpecial(float number, Span<byte> to) =>
        number.TryFormat(to, out int written, default, CultureInfo.InvariantCulture) ? written : throw new ArgumentException("too short", nameof(to));

    // digits * 10^power: plain, or with an exponent where that would begin with many zeros or end in them.
    private static int Place(uint digits, int power, Span<byte> to)
    {
        uint ninth = digits / 100_000_000;
        ulong eight = EachInAByte(digits - (ninth * 100_000_000));
        int count = 8 - (BitOperations.LeadingZeroCount(eight) / 8), point = 8 + power;
        ulong text = eight | Zeros;
        if (ninth > 0)
        {
            count++;
            point++;
        }
        else
        {
            int before = BitOperations.TrailingZeroCount(eight) / 8;
            count -= before;
            point -= before;
            text >>= 8 * before;
        }

        if (point is > PlainDigits or < -PlainZeros)
        {
            Put(ninth, text, to[1..]);
            to[0] = to[1];
            to[1] = (byte)'.';
            return Exponent(point - 1, to, count == 1 ? 1 : count + 1);
        }

        if (point <= 0)
        {
            MemoryMarshal.Write(to, in zeroPoint);
            Put(ninth, text, to[(2 - point)..]);
            return 2 - point + count;
        }

        if (point >= count)
        {
            Put(ninth, text, to);
            to[count..point].Fill((byte)'0');
            return point;
        }

        Put(ninth, text, to[1..]);
        to.Slice(1, point).CopyTo(to);
        to[point] = (byte)'.';
        return count + 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(uint ninth, ulong eight, Span<byte> to)
    {
        if (ninth > 0)
        {
            to[0] = (byte)('0' + ninth);
            to = to[1..];
        }

        MemoryMarshal.Write(to, in eight);
    }

    private static int Exponent(int exponent, Span<byte> to, int at)
    {
        int size = Math.Abs(exponent);
        to[at] = (byte)'E';
        to[at + 1] = (byte)(exponent < 0 ? '-' : '+');
        to[at + 2] = (byte)('0' + (size / 10));
        to[at + 3] = (byte)('0' + (size % 10));
        return at + 4;
    }

    // Eight digits, the first in the lowest byte: halves are split into halves, all at once.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong EachInAByte(uint number)
    {
        ulong high = number / 10_000, four = high | ((number - (10_000 * high)) << 32);
        ulong hundreds = ((four * 10_486) >> 20) & 0x0000_007F_0000_007F;
        ulong two = hundreds | ((four - (100 * hundreds)) << 16);
        ulong tens = ((two * 103) >> 10) & 0x000F_000F_000F_000F;
        return tens | ((two - (10 * tens)) << 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (uint Digits, int Power) Decimal(uint fraction, int exponent)
    {
        uint c = exponent == 0 ? fraction : fraction | (1u << FractionBits);
        int q = Math.Max(exponent, 1) - Bias;

        // The number's neighbours lie half a step of its last bit away, below a power of two a quarter.
        bool isPowerOfTwo = fraction == 0 && exponent > 1;
        uint odd = c & 1;
        int k = ((q * 1262611) - (isPowerOfTwo ? 524031 : 0)) >> 22;
        int h = q + ((-k * 1741647) >> 19) + 1;
        ulong ten = tens[-k - LeastPower];
        uint lower = Scaled(ten, ((4 * c) - (isPowerOfTwo ? 1u : 2u)) << h) + odd;
        uint middle = Scaled(ten, (4 * c) << h);
        uint upper = Scaled(ten, ((4 * c) + 2) << h) - odd;
        uint s = middle / 4;
        if (s >= 10)
        {
            uint shorter = s / 10;
            bool isBelowIn = lower <= 40 * shorter, isAboveIn = (40 * shorter) + 40 <= upper;
            if (isBelowIn != isAboveIn)
                return (shorter + (isAboveIn ? 1u : 0u), k + 1);
        }

        bool isIn = lower <= 4 * s, isNextIn = (4 * s) + 4 <= upper;

        // Where both or neither lie between the neighbours, the nearest, and of two the even one.
        return (isIn != isNextIn ? s + (isNextIn ? 1u : 0u) : (middle + 1 + (s & 1)) / 4, k);
    }

    // What is cut off leaves a last bit that says that there was something.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Scaled(ulong ten, uint number)
    {
        ulong high = Math.BigMul(ten, number, out ulong low);
        // 96 bits: the upper 32 and whether more than one unit is below.
        return (uint)high | ((uint)(low >> 32) > 1 ? 1u : 0u);
    }

    // 10^power / 2^r with its highest bit at place 63, rounded up.
    private static ulong Ten(int power)
    {
        BigInteger ten = BigInteger.Pow(10, Math.Abs(power));
        if (power >= 0)
        {
            int shift = (int)ten.GetBitLength() - 64;
            return (ulong)(shift <= 0 ? ten << -shift : (ten + (BigInteger.One << shift) - 1) >> shift);
        }

        int places = (int)ten.GetBitLength() + 63;
        return (ulong)(((BigInteger.One << places) + ten - 1) / ten);
    }
}
