using System.Runtime.CompilerServices;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// Elementary functions for device code, accurate to a few units in the last place on every accelerator and without branches, so
/// that loops over them become vector code on processors. The accelerators' own are not used: PTX's approximations of tanh and
/// log are off by up to 5e-4, and library calls do not vectorise.
/// </summary>
/// <remarks>Polynomials: S. L. Moshier, Cephes mathematical library, single precision.</remarks>
internal static class Elementary
{
    private const float Log2E = 1.44269504f;

    // ln 2 in two parts: the first has few enough bits that a whole number times it is exact.
    private const float Ln2High = 0.693359375f;
    private const float Ln2Low = -2.12194440e-4f;

    // Below, e^x is subnormal and is flushed to 0; above, the power of two in the reduction no longer fits.
    private const float SmallestExponent = -87.3365f;
    private const float LargestExponent = 88.3762f;

    private const float SmallestNormal = 1.17549435e-38f;

    private const float Sqrt2Minus1 = 0.414213562f;

    // Up to here tanh is a polynomial; beyond, the exponential loses nothing.
    private const float LargestSeriesTanh = 0.625f;

    /// <summary>a * b + c, rounded once where the hardware can.</summary>
    public static float MultiplyAdd(float a, float b, float c) => FusedMultiplyAdd.Compute(a, b, c);

    /// <summary>
    /// The larger of two numbers; <paramref name="b"/> where one is not a number. Never a constant as <paramref name="b"/>: see <see cref="Scalar.Max"/>.
    /// </summary>
    public static float Max(float a, float b) => b < a ? a : b;

    /// <summary>e^x: 0 below -87.34, infinite above 88.37.</summary>
    public static float Exp(float x) => Scalar.Sum(Exp(Scalar.Fill(x)));

    /// <summary>The same of each number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Exp<TVector>(TVector x)
        where TVector : struct, IVector<TVector>
    {
        TVector smallest = TVector.Fill(SmallestExponent), largest = TVector.Fill(LargestExponent);
        TVector bounded = TVector.Min(largest, TVector.Max(smallest, x));
        TVector shift = TVector.Fill(FloatBits.RoundingShift);
        TVector shifted = TVector.MultiplyAdd(bounded, TVector.Fill(Log2E), shift);
        TVector n = shifted - shift;
        TVector r = TVector.MultiplyAdd(n, TVector.Fill(-Ln2High), bounded);
        r = TVector.MultiplyAdd(n, TVector.Fill(-Ln2Low), r);
        TVector p = TVector.Fill(1.9875691500e-4f);
        p = TVector.MultiplyAdd(p, r, TVector.Fill(1.3981999507e-3f));
        p = TVector.MultiplyAdd(p, r, TVector.Fill(8.3334519073e-3f));
        p = TVector.MultiplyAdd(p, r, TVector.Fill(4.1665795894e-2f));
        p = TVector.MultiplyAdd(p, r, TVector.Fill(1.6666665459e-1f));
        p = TVector.MultiplyAdd(p, r, TVector.Fill(5.0000001201e-1f));
        p = TVector.MultiplyAdd(p, r * r, r) + TVector.Fill(1f);
        TVector result = p * TVector.PowerOfTwo(shifted);
        result = TVector.WherePositive(smallest - x, TVector.Fill(0f), result);
        return TVector.WherePositive(x - largest, TVector.Fill(float.PositiveInfinity), result);
    }

    /// <summary>Natural logarithm: minus infinity at 0, not a number below; subnormal arguments count as 0.</summary>
    public static float Log(float x) => Scalar.Sum(Log(Scalar.Fill(x)));

    /// <summary>The same of each number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Log<TVector>(TVector x)
        where TVector : struct, IVector<TVector>
    {
        TVector none = TVector.Fill(0f), minusInfinity = TVector.Fill(float.NegativeInfinity);
        TVector result = LogOfNormal(x);
        result = TVector.WherePositive(TVector.Fill(SmallestNormal) - x, minusInfinity, result);
        result = TVector.WherePositive(x - TVector.Fill(float.MaxValue), x, result);
        return TVector.WherePositive(x, result, TVector.WherePositive(none - x, TVector.Fill(float.NaN), x + minusInfinity));
    }

    /// <summary>The same of numbers that are normal, finite and above 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TVector LogOfNormal<TVector>(TVector x)
        where TVector : struct, IVector<TVector>
    {
        // x = 2^e * m with m in [sqrt(1/2), sqrt(2)); m - 1 is exact, so log(1 + small) keeps its relative accuracy.
        return LogOnePlus(TVector.Mantissa(x) - TVector.Fill(1f), TVector.Exponent(x));
    }

    /// <summary>log(1 + x) for x in [0, 1], with full relative accuracy near 0.</summary>
    public static float Log1pUnit(float x) => Scalar.Sum(Log1pUnit(Scalar.Fill(x)));

    /// <summary>The same of each number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Log1pUnit<TVector>(TVector x)
        where TVector : struct, IVector<TVector>
    {
        // Above sqrt(2) - 1 halve: log(1 + x) = log 2 + log(1 + (x - 1) / 2).
        TVector one = TVector.Fill(1f), above = x - TVector.Fill(Sqrt2Minus1);
        TVector f = TVector.WherePositive(above, (x - one) * TVector.Fill(0.5f), x);
        return LogOnePlus(f, TVector.WherePositive(above, one, TVector.Fill(0f)));
    }

    /// <summary>log(1 + x) for x above -1, with full relative accuracy near 0.</summary>
    public static float Log1p(float x) => Scalar.Sum(Log1p(Scalar.Fill(x)));

    /// <summary>The same of each number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Log1p<TVector>(TVector x)
        where TVector : struct, IVector<TVector>
    {
        // What rounding took from 1 + x is put back to first order.
        TVector one = TVector.Fill(1f), u = one + x;
        TVector corrected = Log(u) + ((x - (u - one)) / u);
        return TVector.WherePositive(u - TVector.Fill(float.MaxValue), u, corrected);
    }

    /// <summary>softplus(x) = log(1 + e^x), without overflow.</summary>
    public static float Softplus(float x) => Scalar.Sum(Softplus(Scalar.Fill(x)));

    /// <summary>The same of each number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Softplus<TVector>(TVector x)
        where TVector : struct, IVector<TVector> => TVector.WherePositive(x, x, TVector.Fill(0f)) + Log1pUnit(Exp(MinusMagnitude(x)));

    /// <summary>1 / (1 + e^-x), without overflow.</summary>
    public static float Sigmoid(float x) => Scalar.Sum(Sigmoid(Scalar.Fill(x)));

    /// <summary>The same of each number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Sigmoid<TVector>(TVector x)
        where TVector : struct, IVector<TVector>
    {
        TVector e = Exp(MinusMagnitude(x)), one = TVector.Fill(1f);
        TVector reciprocal = one / (one + e);
        return TVector.WherePositive(x, reciprocal, e * reciprocal);
    }

    /// <summary>-|x|; not a number where x is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector MinusMagnitude<TVector>(TVector x)
        where TVector : struct, IVector<TVector> => TVector.WherePositive(x, TVector.Fill(0f) - x, x);

    /// <summary>Hyperbolic tangent.</summary>
    public static float Tanh(float x) => Scalar.Sum(Tanh(Scalar.Fill(x)));

    /// <summary>The same of each number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Tanh<TVector>(TVector x)
        where TVector : struct, IVector<TVector>
    {
        TVector none = TVector.Fill(0f), one = TVector.Fill(1f), two = TVector.Fill(2f), square = x * x;
        TVector p = TVector.Fill(-5.70498872745e-3f);
        p = TVector.MultiplyAdd(p, square, TVector.Fill(2.06390887954e-2f));
        p = TVector.MultiplyAdd(p, square, TVector.Fill(-5.37397155531e-2f));
        p = TVector.MultiplyAdd(p, square, TVector.Fill(1.33314422036e-1f));
        p = TVector.MultiplyAdd(p, square, TVector.Fill(-3.33332819422e-1f));
        TVector small = TVector.MultiplyAdd(p * square, x, x);
        TVector magnitude = none - MinusMagnitude(x);
        TVector large = one - (two / (Exp(two * magnitude) + one));
        large = TVector.WherePositive(none - x, none - large, large);
        return TVector.WherePositive(TVector.Fill(LargestSeriesTanh) - magnitude, small, large);
    }

    /// <summary>log(2^e (1 + f)) for whole numbers e and f in [sqrt(1/2) - 1, sqrt(2) - 1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TVector LogOnePlus<TVector>(TVector f, TVector e)
        where TVector : struct, IVector<TVector>
    {
        TVector square = f * f;
        TVector p = TVector.Fill(7.0376836292e-2f);
        p = TVector.MultiplyAdd(p, f, TVector.Fill(-1.1514610310e-1f));
        p = TVector.MultiplyAdd(p, f, TVector.Fill(1.1676998740e-1f));
        p = TVector.MultiplyAdd(p, f, TVector.Fill(-1.2420140846e-1f));
        p = TVector.MultiplyAdd(p, f, TVector.Fill(1.4249322787e-1f));
        p = TVector.MultiplyAdd(p, f, TVector.Fill(-1.6668057665e-1f));
        p = TVector.MultiplyAdd(p, f, TVector.Fill(2.0000714765e-1f));
        p = TVector.MultiplyAdd(p, f, TVector.Fill(-2.4999993993e-1f));
        p = TVector.MultiplyAdd(p, f, TVector.Fill(3.3333331174e-1f));
        TVector y = p * square * f;
        y = TVector.MultiplyAdd(e, TVector.Fill(Ln2Low), y);
        y = TVector.MultiplyAdd(square, TVector.Fill(-0.5f), y);
        return TVector.MultiplyAdd(e, TVector.Fill(Ln2High), f + y);
    }
}
