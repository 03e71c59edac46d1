using System.Globalization;
using System.Text;
using IlgpuVae.Training.Output;

namespace IlgpuVae.Tests.Output;

/// <summary>The text of a float is .NET's own.</summary>
[TestFixture]
public sealed class ShortestFloatTests
{
    private const int FractionBits = 23;
    private const int FractionsAnExponent = 2000;

    /// <summary>Random numbers of each sign and power of two, and each power of two with its neighbours.</summary>
    [Test]
    public void EveryPowerOfTwo_AsDotNetWritesIt()
    {
        Random random = new(5);
        for (uint upper = 0; upper < 512; upper++)
        {
            uint first = upper << FractionBits;
            foreach (uint fraction in new uint[] { 0, 1, 2, (1 << FractionBits) - 1 })
                Compare(first | fraction);
            for (int i = 0; i < FractionsAnExponent; i++)
                Compare(first | (uint)random.Next(1 << FractionBits));
        }
    }

    /// <summary>Round decimal numbers with their neighbours: zeros at either end, and where the exponent begins to be written.</summary>
    [Test]
    public void EveryPowerOfTen_AsDotNetWritesIt([Values("1", "1.5", "9.99", "1.2345678", "123456789")] string digits)
    {
        for (int power = -46; power < 39; power++)
        {
            float number = float.Parse($"{digits}E{power}", NumberStyles.Float, CultureInfo.InvariantCulture);
            foreach (float near in new[] { number, MathF.BitIncrement(number), MathF.BitDecrement(number) })
                Compare(BitConverter.SingleToUInt32Bits(near));
        }

        for (int whole = 0; whole < 70_000; whole++)
            Compare(BitConverter.SingleToUInt32Bits(whole * (digits.Length + 0.25f)));
    }

    private static void Compare(uint bits)
    {
        float number = BitConverter.UInt32BitsToSingle(bits);
        Span<byte> own = stackalloc byte[ShortestFloat.Room], reference = stackalloc byte[64];
        int length = ShortestFloat.Write(number, own);
        _ = number.TryFormat(reference, out int expected, default, CultureInfo.InvariantCulture);
        if (!own[..length].SequenceEqual(reference[..expected]))
            Assert.Fail($"{bits:X8}: {Encoding.ASCII.GetString(own[..length])} and not {Encoding.ASCII.GetString(reference[..expected])}");
    }
}
