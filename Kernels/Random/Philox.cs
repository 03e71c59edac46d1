namespace IlgpuVae.Kernels;

/// <summary>Four 32-bit random integers.</summary>
public struct Philox4
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
public static class Philox
{
    private const int Rounds = 10;
    private const uint MultiplierX = 0xD2511F53;
    private const uint MultiplierZ = 0xCD9E8D57;
    private const uint WeylX = 0x9E3779B9;
    private const uint WeylY = 0xBB67AE85;

    /// <summary>The four words of one counter.</summary>
    public static Philox4 Generate(uint x, uint y, uint z, uint w, ulong key)
    {
        uint keyX = (uint)key;
        uint keyY = (uint)(key >> 32);
        for (int round = 0; round < Rounds; round++)
        {
            ulong productX = (ulong)MultiplierX * x;
            ulong productZ = (ulong)MultiplierZ * z;
            uint nextX = (uint)(productZ >> 32) ^ y ^ keyX;
            uint nextZ = (uint)(productX >> 32) ^ w ^ keyY;
            y = (uint)productZ;
            w = (uint)productX;
            x = nextX;
            z = nextZ;
            keyX += WeylX;
            keyY += WeylY;
        }

        return new Philox4 { X = x, Y = y, Z = z, W = w };
    }

    /// <summary>A uniform number strictly inside (0, 1): the middle of one of 2^23 equal cells, all of them exact in float32.</summary>
    /// <remarks>By way of a signed integer: .NET converts an unsigned one to float32 through float64, which not every device has.</remarks>
    public static float Uniform(uint word) => ((int)(word >> 9) + 0.5f) * 1.1920929e-7f;

    /// <summary>Word <paramref name="index"/> (0 to 3) of a block.</summary>
    public static uint Word(Philox4 block, int index) =>
        index == 0 ? block.X : index == 1 ? block.Y : index == 2 ? block.Z : block.W;
}
