using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace IlgpuVae.Kernels;

/// <summary>
/// Four 32-bit integers in a vector of a processor, each in the lower half of 64 bits so that a product has room; what stands in the upper half never counts.
/// </summary>
internal readonly struct FourWords(Vector256<ulong> words) : IWords<FourWords>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    private const int WordBits = 32;

    private readonly Vector256<ulong> words = words;

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static FourWords Fill(uint value) => new(Vector256.Create((ulong)value));

    /// <summary>value, value + 1, value + 2 and value + 3.</summary>
    [MethodImpl(Inline)]
    internal static FourWords CountFrom(uint value) => new(Vector256.Create((ulong)value) + Vector256.Create(0ul, 1, 2, 3));

    /// <summary>The bits of each that <paramref name="mask"/> has.</summary>
    [MethodImpl(Inline)]
    internal FourWords Masked(uint mask) => new(words & Vector256.Create((ulong)mask));

    /// <summary>Each divided by 2^<paramref name="bits"/>.</summary>
    [MethodImpl(Inline)]
    internal FourWords ShiftedRight(int bits) => new((words & Vector256.Create((ulong)uint.MaxValue)) >>> bits);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static FourWords operator ^(FourWords a, FourWords b) => new(a.words ^ b.words);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static FourWords MultiplyLow(FourWords a, uint b) => new(Product(a, b));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static FourWords MultiplyHigh(FourWords a, uint b) => new(Product(a, b) >>> WordBits);

    /// <summary>The first of a, the first of b, the second of a, and so on.</summary>
    [MethodImpl(Inline)]
    internal static Vector256<uint> Interleaved(FourWords a, FourWords b) =>
        ((a.words & Vector256.Create((ulong)uint.MaxValue)) | (b.words << WordBits)).AsUInt32();

    /// <summary>The four of a, then the four of b.</summary>
    [MethodImpl(Inline)]
    internal static Vector256<uint> Joined(FourWords a, FourWords b) => Vector256.Narrow(a.words, b.words);

    [MethodImpl(Inline)]
    private static Vector256<ulong> Product(FourWords a, uint b)
    {
        if (Avx2.IsSupported)
            return Avx2.Multiply(a.words.AsUInt32(), Vector256.Create((ulong)b).AsUInt32());
        if (AdvSimd.IsSupported)
        {
            Vector64<uint> factor = Vector64.Create(b);
            return Vector256.Create(
                AdvSimd.MultiplyWideningLower(
                    AdvSimd.ExtractNarrowingLower(a.words.GetLower()),
                    factor), AdvSimd.MultiplyWideningLower(AdvSimd.ExtractNarrowingLower(a.words.GetUpper()), factor));
        }

        return (a.words & Vector256.Create((ulong)uint.MaxValue)) * Vector256.Create((ulong)b);
    }
}
