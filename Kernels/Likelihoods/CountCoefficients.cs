using System.Runtime.CompilerServices;

namespace IlgpuVae.Kernels;

/// <summary>
/// Logarithms of factorials and of binomial coefficients of whole numbers x, to a few units in the last place. Up to <see cref="LargestProduct"/> the product
/// itself is computed, beyond Stirling's series: log Gamma(w) = (w - 1/2) log w - w + 1/2 log 2 pi + s(w), s(w) = 1 / 12 w - 1 / 360 w^3 + ...
/// </summary>
internal static class CountCoefficients
{
    // 10! is exact in float32, and from 11 on the series' next term is below 1e-8.
    private const int LargestProduct = 10;

    private const float HalfLogTwoPi = 0.918938533f;
    private const double SeriesFrom = 12;

    /// <summary>log x!; 0 for x = 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TVector LogFactorial<TVector>(TVector x)
        where TVector : struct, IVector<TVector>
    {
        TVector one = TVector.Fill(1f), small = TVector.Fill(LargestProduct + 0.5f) - x, product = one;
        for (int j = 2; j <= LargestProduct; j++)
            product *= TVector.WherePositive(x - TVector.Fill(j - 0.5f), TVector.Fill(j), one);
        TVector w = x + one, log = Elementary.Log(TVector.WherePositive(small, product, w));
        return TVector.WherePositive(small, log, ((x + TVector.Fill(0.5f)) * log) - w + TVector.Fill(HalfLogTwoPi) + Remainder(w));
    }

    /// <summary>
    /// log Gamma(x + r) / (Gamma(r) x!), the logarithm of the number of multisets where r is whole; 0 for x = 0. Written without a difference of the large
    /// log Gamma(x + r) and log Gamma(r).
    /// </summary>
    /// <param name="x">Whole numbers.</param>
    /// <param name="r">From 0.001 to 1e6.</param>
    /// <param name="logR">log r.</param>
    /// <param name="shift"><see cref="Shift"/> of r.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TVector LogMultisets<TVector>(TVector x, float r, float logR, float shift)
        where TVector : struct, IVector<TVector>
    {
        // prod_j (r + j - 1) / j = r^x prod_j (1 + (j - 1) / r) / j: neither part overflows.
        TVector one = TVector.Fill(1f), small = TVector.Fill(LargestProduct + 0.5f) - x, product = one, total = TVector.Fill(r);
        for (int j = 2; j <= LargestProduct; j++)
            product *= TVector.WherePositive(x - TVector.Fill(j - 0.5f), TVector.Fill((1f + ((j - 1) / r)) / j), one);
        TVector w = x + one;
        TVector large = ((total - TVector.Fill(0.5f)) * Elementary.Log1p(x / total)) + (x * Elementary.Log1p((total - one) / w));
        large = large - (TVector.Fill(0.5f) * Elementary.Log(w)) + TVector.Fill(shift) + Remainder(x + total) - Remainder(w);
        return TVector.WherePositive(small, (x * TVector.Fill(logR)) + Elementary.Log(product), large);
    }

    /// <summary>1 - 1/2 log 2 pi - s(r): what <see cref="LogMultisets"/> wants of r, on the host in float64.</summary>
    internal static double Shift(double r)
    {
        // s(w) = s(w + 1) + (w + 1/2) log(1 + 1 / w) - 1 leads to where the series is exact.
        double s = 0, w = r;
        for (; w < SeriesFrom; w++)
            s += ((w + 0.5) * Math.Log(1 + (1 / w))) - 1;
        double square = 1 / (w * w);
        s += (1.0 / 12 - (square * (1.0 / 360 - (square * (1.0 / 1260 - (square / 1680)))))) / w;
        return 1 - (0.5 * Math.Log(Math.Tau)) - s;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Remainder<TVector>(TVector w)
        where TVector : struct, IVector<TVector>
    {
        TVector reciprocal = TVector.Fill(1f) / w;
        return reciprocal * (TVector.Fill(1f / 12f) - (TVector.Fill(1f / 360f) * reciprocal * reciprocal));
    }
}
