using System.Runtime.CompilerServices;
using ILGPU;

namespace IlgpuVae.Kernels;

/// <summary>A float32 number as x = 2^e m, for elementary functions that are computed without branches.</summary>
internal static class FloatBits
{
    /// <summary>Adding 1.5 * 2^23 rounds to the nearest whole number, and leaves it in the lowest bits.</summary>
    public const float RoundingShift = 12582912f;

    internal const int RoundingShiftBits = 0x4B400000;
    internal const int ExponentBias = 127;
    internal const int MantissaBits = 23;

    // The square root of one half: mantissas are in [sqrt(1/2), sqrt(2)).
    internal const int SmallestMantissa = 0x3F3504F3;

    /// <summary>
    /// 2^n of the whole number n in [-126, 127] that was rounded as <paramref name="shifted"/> = n + <see cref="RoundingShift"/>; 0 for n = -127.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float PowerOfTwo(float shifted) =>
        Interop.IntAsFloat((uint)((Interop.FloatAsInt(shifted) - RoundingShiftBits + ExponentBias) << MantissaBits));

    /// <summary>e of a normal positive x = 2^e m, m in [sqrt(1/2), sqrt(2)).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Exponent(float x) => ((int)Interop.FloatAsInt(x) - SmallestMantissa) >> MantissaBits;

    /// <summary>m of a normal positive x = 2^e m, m in [sqrt(1/2), sqrt(2)).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Mantissa(float x)
    {
        int bits = (int)Interop.FloatAsInt(x);
        int e = (bits - SmallestMantissa) >> MantissaBits;
        return Interop.IntAsFloat((uint)(bits - (e << MantissaBits)));
    }
}
