using System.Runtime.Intrinsics;
using IlgpuVae.Kernels;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>
/// Sixteen numbers at a time against single ones, operation by operation and bit by bit, in both kinds of the processor's vectors. What is not a number has to
/// stay so; IEEE 754 leaves its other bits open.
/// </summary>
public sealed unsafe class SixteenTests
{
    private const int Width = 16;

    private static readonly float[] Specials =
    [
        0f, -0f, 1f, -1f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.Epsilon, -float.Epsilon, 1e-40f, -1e-40f,
        1.17549435e-38f, -1.17549435e-38f, float.MaxValue, float.MinValue, 0.5f, 3f, -2.5f, 1e-30f, 1e30f, MathF.PI, 16777216f,
    ];

    [Test]
    public void Sums_AreThoseOfSingleNumbers() => Pairs(new Sum());

    [Test]
    public void Differences_AreThoseOfSingleNumbers() => Pairs(new Difference());

    [Test]
    public void Products_AreThoseOfSingleNumbers() => Pairs(new Product());

    [Test]
    public void Quotients_AreThoseOfSingleNumbers() => Pairs(new Quotient());

    [Test]
    public void Maxima_AreThoseOfSingleNumbers() => Pairs(new Maximum());

    [Test]
    public void Minima_AreThoseOfSingleNumbers() => Pairs(new Minimum());

    [Test]
    public void Roots_AreThoseOfSingleNumbers() => Pairs(new Root());

    [Test]
    public void MultiplyAdds_AreThoseOfSingleNumbers() => Pairs(new Fused());

    [Test]
    public void ChoicesByEquality_AreThoseOfSingleNumbers() => Pairs(new IfEqual());

    [Test]
    public void ChoicesBySign_AreThoseOfSingleNumbers() => Pairs(new IfPositive());

    [Test]
    public void Exponents_AreThoseOfSingleNumbers() => Pairs(new Exponent());

    [Test]
    public void Mantissas_AreThoseOfSingleNumbers() => Pairs(new Mantissa());

    [Test]
    public void PowersOfTwo_AreThoseOfSingleNumbers() => Pairs(new Power());

    [Test]
    public void Exponentials_AreThoseOfSingleNumbers() => Pairs(new Exponential());

    [Test]
    public void Logarithms_AreThoseOfSingleNumbers() => Pairs(new Logarithm());

    private static void Pairs<TOperation>(TOperation operation)
        where TOperation : struct, IOperation
    {
        // Every number with every other.
        Random random = new(1);
        float[] a = [.. Specials.SelectMany(x => Specials.Select(_ => x)), .. Enumerable.Range(0, 1000).Select(_ => Any(random))];
        float[] b = [.. Specials.SelectMany(_ => Specials), .. Enumerable.Range(0, 1000).Select(_ => Any(random))];
        a = [.. a, .. new float[(Width - (a.Length % Width)) % Width]];
        b = [.. b, .. new float[a.Length - b.Length]];
        float[] expected = Compute<TOperation, Scalar>(a, b);
        Verify(expected, Compute16<TOperation, TwoOf256>(a, b), a, b, $"{operation.GetType().Name} in two vectors of 256 bits");
        if (Vector512.IsHardwareAccelerated)
            Verify(expected, Compute16<TOperation, OneOf512>(a, b), a, b, $"{operation.GetType().Name} in one vector of 512 bits");
    }

    private static float Any(Random random) => BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue));

    private static void Verify(float[] expected, float[] actual, float[] a, float[] b, string what)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            bool same = BitConverter.SingleToInt32Bits(actual[i]) == BitConverter.SingleToInt32Bits(expected[i]);
            if (!same && !(float.IsNaN(expected[i]) && float.IsNaN(actual[i])))
                Assert.Fail($"{what}: {actual[i]:g9} instead of {expected[i]:g9} for {a[i]:g9} and {b[i]:g9}");
        }
    }

    private static float[] Compute<TOperation, TVector>(float[] a, float[] b)
        where TOperation : struct, IOperation
        where TVector : struct, IVector<TVector> => [.. a.Select((x, i) => TVector.First(TOperation.Of(TVector.Fill(x), TVector.Fill(b[i]))))];

    private static float[] Compute16<TOperation, TVector>(float[] a, float[] b)
        where TOperation : struct, IOperation
        where TVector : struct, ISixteen<TVector>
    {
        float[] result = new float[a.Length];
        fixed (float* first = a, second = b, target = result)
        {
            for (int i = 0; i < a.Length; i += Width)
                TVector.Store(TOperation.Of(TVector.Load(first + i), TVector.Load(second + i)), target + i);
        }

        return result;
    }

    private interface IOperation
    {
        static abstract T Of<T>(T a, T b)
            where T : struct, IVector<T>;
    }

    private readonly struct Sum : IOperation
    {
        public static T Of<T>(T a, T b)
            where T : struct, IVector<T> => a + b;
    }

    private readonly struct Difference : IOperation
    {
        public static T Of<T>(T a, T b)
            where T : struct, IVector<T> => a - b;
    }

    private readonly struct Product : IOperation
    {
        public static T Of<T>(T a, T b)
            where T : struct, IVector<T> => a * b;
    }

    private readonly struct Quotient : IOperation
    {
        public static T Of<T>(T a, T b)
            where T : struct, IVector<T> => a / b;
    }

    private readonly struct Maximum : IOperation
    {
        public static T Of<T>(T a, T b)
            where T : struct, IVector<T> => T.Max(a, b);
    }

    private readonly struct Minimum : IOperation
    {
        public static T Of<T>(T a, T b)
            where T : struct, IVector<T> => T.Min(a, b);
    }

    private readonly struct Root : IOperation
    {
        public static T Of<T>(T a, T b)
            where T : struct, IVector<T> => T.Sqrt(a);
    }

    // With a third number that makes the product's own rounding show.
    private readonly struct Fused : IOperation
    {
        public static T Of<T>(T a, T b)
            where T : struct, IVector<T> => T.MultiplyAdd(a, b, T.Fill(0f) - (a * b));
    }

    private readonly struct IfEqual : IOperation
    {
        public static T Of<T>(T a, T b)
            where T : struct, IVector<T> => T.WhereEqual(a, b, T.Fill(2f), b);
    }

    private readonly struct IfPositive : IOperation
    {
        public static T Of<T>(T a, T b)
            where T : struct, IVector<T> => T.WherePositive(a, b, T.Fill(3f));
    }

    private readonly struct Exponent : IOperation
    {
        public static T Of<T>(T a, T b)
            where T : struct, IVector<T> => T.Exponent(a);
    }

    private readonly struct Mantissa : IOperation
    {
        public static T Of<T>(T a, T b)
            where T : struct, IVector<T> => T.Mantissa(a);
    }

    private readonly struct Power : IOperation
    {
        public static T Of<T>(T a, T b)
            where T : struct, IVector<T> => T.PowerOfTwo(T.Max(T.Min(a, T.Fill(127f)), T.Fill(-127f)) + T.Fill(FloatBits.RoundingShift));
    }

    private readonly struct Exponential : IOperation
    {
        public static T Of<T>(T a, T b)
            where T : struct, IVector<T> => Elementary.Exp(a);
    }

    private readonly struct Logarithm : IOperation
    {
        public static T Of<T>(T a, T b)
            where T : struct, IVector<T> => Elementary.Log(a);
    }
}
