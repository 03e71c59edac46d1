namespace IlgpuVae.Training.Data;

/// <summary>
/// Host-side random numbers as a function of (seed, stream, counter): the same on every machine and .NET version, in any order.
/// The mixing function is the finaliser of SplitMix64 (Steele, Lea and Flood 2014), applied once for each part of the key.
/// </summary>
internal readonly struct CounterRandom(ulong seed, ulong stream)
{
    private readonly ulong key = Mix(Mix(seed + Increment) + stream + Increment);

    private const ulong Increment = 0x9E3779B97F4A7C15;

    public ulong Bits(ulong counter) => Mix(key + (counter * Increment));

    /// <summary>Uniform in [0, 1), a multiple of 2^-53.</summary>
    public double Uniform(ulong counter) => (Bits(counter) >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform over 0 .. <paramref name="bound"/> - 1; the bias is below bound / 2^64.</summary>
    public int Below(int bound, ulong counter) => (int)Math.BigMul(Bits(counter), (ulong)bound, out _);

    /// <summary>A permutation of 0 .. <paramref name="count"/> - 1, each equally probable.</summary>
    public int[] Permutation(int count)
    {
        int[] order = new int[count];
        for (int i = 0; i < count; i++)
            order[i] = i;
        for (int i = count - 1; i > 0; i--)
        {
            int j = Below(i + 1, (ulong)i);
            (order[i], order[j]) = (order[j], order[i]);
        }
        return order;
    }

    public static ulong Mix(ulong bits)
    {
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return bits ^ (bits >> 31);
    }
}
