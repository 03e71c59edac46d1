using System.Runtime.CompilerServices;

namespace IlgpuVae.Kernels;

/// <summary>Four 32-bit random integers.</summary>
internal struct Philox4
{
    /// <summary>First word.</summary>
    public uint X;

    /// <summary>Second word.</summary>
    public uint Y;

    /// <summary>Third word.</summary>
    public uint Z;

    /// <summary>Fourth word.</summary>
    public uint W;
}

/// <summary>
/// Philox4x32-10, a counter-based random number generator: the same (key, counter) gives the same integers on every accelerator,
/// and there is no state to save. Counters here are (block in the row, row, step, stream), the key is the seed.
/// </summary>
/// <remarks>J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.</remarks>
internal static class Philox
{
    private const int Rounds = 10;
    private const uint MultiplierX = 0xD2511F53;
    private const uint MultiplierZ = 0xCD9E8D57;
    private const uint WeylX = 0x9E3779B9;
    private const uint WeylY = 0xBB67AE85;

    /// <summary>Bits of a word that a uniform number has no room for.</summary>
    internal const int UnusedBits = 9;

    // 2^-23.
    private const float UniformCell = 1.1920929e-7f;

    /// <summary>The four words of one counter.</summary>
    public static Philox4 Generate(uint x, uint y, uint z, uint w, ulong key)
    {
        (Word first, Word second, Word third, Word fourth) = Generate(new Word(x), new Word(y), new Word(z), new Word(w), key);
        return new Philox4 { X = first.Value, Y = second.Value, Z = third.Value, W = fourth.Value };
    }

    /// <summary>The same for several counters at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (TWords X, TWords Y, TWords Z, TWords W) Generate<TWords>(TWords x, TWords y, TWords z, TWords w, ulong key)
        where TWords : struct, IWords<TWords>
    {
        uint keyX = (uint)key;
        uint keyY = (uint)(key >> 32);
        for (int round = 0; round < Rounds; round++)
        {
            TWords nextX = TWords.MultiplyHigh(z, MultiplierZ) ^ y ^ TWords.Fill(keyX);
            TWords nextZ = TWords.MultiplyHigh(x, MultiplierX) ^ w ^ TWords.Fill(keyY);
            y = TWords.MultiplyLow(z, MultiplierZ);
            w = TWords.MultiplyLow(x, MultiplierX);
            x = nextX;
            z = nextZ;
            keyX += WeylX;
            keyY += WeylY;
        }

        return (x, y, z, w);
    }

    /// <summary>A uniform number strictly inside (0, 1): the middle of one of 2^23 equal cells, all of them exact in float32.</summary>
    public static float Uniform(uint word) => (UpperBits(word) + 0.5f) * UniformCell;

    /// <summary>The uniform number of each word's <see cref="UpperBits"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TVector Uniform<TVector>(TVector upperBits)
        where TVector : struct, IVector<TVector> => (upperBits + TVector.Fill(0.5f)) * TVector.Fill(UniformCell);

    /// <summary>The upper 23 bits of a word as a whole number.</summary>
    /// <remarks>By way of a signed integer: .NET converts an unsigned one to float32 through float64, which not every device has.</remarks>
    internal static float UpperBits(uint word) => (int)(word >> UnusedBits);

    /// <summary>All bits of a word as a signed whole number, rounded to float32: what is near 0 keeps every bit.</summary>
    internal static float Signed(uint word) => (int)word;

    /// <summary>Word <paramref name="index"/> (0 to 3) of a block.</summary>
    public static uint Word(Philox4 block, int index) =>
        index == 0 ? block.X : index == 1 ? block.Y : index == 2 ? block.Z : block.W;
}
