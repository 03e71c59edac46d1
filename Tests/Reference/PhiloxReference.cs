namespace IlgpuVae.Tests.Reference;

/// <summary>Philox4x32-10 from the paper (Salmon et al., SC 2011, section 3.3), with 64-bit products on the host, and what the project makes of its words.</summary>
public static class PhiloxReference
{
    /// <summary>The four words of counter <paramref name="c"/> under key (k0, k1).</summary>
    public static uint[] Words(uint[] c, uint k0, uint k1)
    {
        uint[] state = [.. c];
        for (int round = 0; round < 10; round++)
        {
            ulong left = 0xD2511F53UL * state[0], right = 0xCD9E8D57UL * state[2];
            state = [(uint)(right >> 32) ^ state[1] ^ k0, (uint)right, (uint)(left >> 32) ^ state[3] ^ k1, (uint)left];
            k0 = unchecked(k0 + 0x9E3779B9u);
            k1 = unchecked(k1 + 0xBB67AE85u);
        }

        return state;
    }

    /// <summary>The word of element (row, column): counter (column / 4, row, step, stream), the seed's low and high half as key.</summary>
    public static uint Word(ulong seed, int stream, int step, int row, int column) =>
        Words([(uint)(column / 4), (uint)row, (uint)step, (uint)stream], (uint)seed, (uint)(seed >> 32))[column % 4];

    /// <summary>The middle of the word's cell among 2^23 equal cells of (0, 1).</summary>
    public static double Uniform(uint word) => ((word >> 9) + 0.5) / (1 << 23);

    /// <summary>-log(-log u) for the noise of rows [0, rows) and columns [0, columns), row by row.</summary>
    public static double[] Gumbel(ulong seed, int stream, int step, int rows, int columns)
    {
        double[] noise = new double[rows * columns];
        for (int i = 0; i < noise.Length; i++)
            noise[i] = -Math.Log(-Math.Log(Uniform(Word(seed, stream, step, i / columns, i % columns))));
        return noise;
    }

    /// <summary>The same in float32.</summary>
    public static float[] GumbelNaive(ulong seed, int stream, int step, int rows, int columns)
    {
        float[] noise = new float[rows * columns];
        for (int i = 0; i < noise.Length; i++)
            noise[i] = -MathF.Log(-MathF.Log((float)Uniform(Word(seed, stream, step, i / columns, i % columns))));
        return noise;
    }
}
