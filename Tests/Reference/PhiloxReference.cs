using System.Numerics;

namespace IlgpuVae.Tests.Reference;

/// <summary>
/// Philox4x32-10 from the paper (Salmon et al., SC 2011, section 3.3), with 64-bit products on the host, and what the project makes of its words.
/// </summary>
public static class PhiloxReference
{
    /// <summary>The four words of counter <paramref name="c"/> under key (k0, k1).</summary>
    public static uint[] Words(uint[] c, uint k0, uint k1)
    {
        (uint x, uint y, uint z, uint w) = (c[0], c[1], c[2], c[3]);
        for (int round = 0; round < 10; round++)
        {
            ulong left = 0xD2511F53UL * x, right = 0xCD9E8D57UL * z;
            (x, y, z, w) = ((uint)(right >> 32) ^ y ^ k0, (uint)right, (uint)(left >> 32) ^ w ^ k1, (uint)left);
            k0 = unchecked(k0 + 0x9E3779B9u);
            k1 = unchecked(k1 + 0xBB67AE85u);
        }

        return [x, y, z, w];
    }

    /// <summary>
    /// The words of row <paramref name="row"/>: element (row, column) has word column mod 4 of counter (column / 4, row, step, stream), the seed's halves as
    /// key.
    /// </summary>
    public static IEnumerable<uint> RowWords(ulong seed, int stream, int step, int row, int columns) => Enumerable.Range(0, (columns + 3) / 4)
        .SelectMany(block => Words([(uint)block, (uint)row, (uint)step, (uint)stream], (uint)seed, (uint)(seed >> 32))).Take(columns);

    /// <summary>The middle of the word's cell among 2^23 equal cells of (0, 1).</summary>
    public static double Uniform(uint word) => ((word >> 9) + 0.5) / (1 << 23);

    /// <summary>-log(-log u) of the middle u of the word's cell among 2^32 equal cells of (0, 1), which words count from 1 down.</summary>
    public static T Gumbel<T>(uint word)
        where T : IFloatingPointIeee754<T> => -T.Log(-T.LogP1(-T.CreateChecked((word + 0.5) / (1L << 32))));

    /// <summary>That of rows [0, rows) and columns [0, columns), row by row.</summary>
    public static T[] Gumbel<T>(ulong seed, int stream, int step, int rows, int columns) where T : IFloatingPointIeee754<T> =>
    [
        .. Enumerable.Range(0, rows).SelectMany(row => RowWords(seed, stream, step, row, columns)).Select(Gumbel<T>),
    ];
}
