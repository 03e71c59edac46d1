using System.Numerics;

namespace IlgpuVae.Training.Data;

/// <summary>
/// The distribution that glyphs are drawn from: p(x) = 1/P sum_k prod_d noise^[x_d != m_kd] (1 - noise)^[x_d == m_kd].
/// No model can have a higher expected log-likelihood than this one, so runs are measured against it. Everything in nats an example.
/// </summary>
public sealed class GlyphsTruth
{
    private readonly byte[] prototypes;
    private readonly ulong[] packed;

    internal GlyphsTruth(byte[] prototypes, int size, double noise)
    {
        this.prototypes = prototypes;
        Size = size;
        Noise = noise;
        Count = prototypes.Length / Width;
        packed = new ulong[Count * Words];
        for (int k = 0; k < Count; k++)
            Pack(prototypes.AsSpan(k * Width, Width), packed.AsSpan(k * Words, Words));
    }

    /// <summary>Prototypes [P, D], 0 and 255.</summary>
    public IReadOnlyList<byte> Prototypes => prototypes;

    /// <summary>Number of prototypes, P.</summary>
    public int Count { get; }

    /// <summary>Height and width of a picture.</summary>
    public int Size { get; }

    /// <summary>Pixels of a picture, D.</summary>
    public int Width => Size * Size;

    /// <summary>Probability that a pixel is flipped.</summary>
    public double Noise { get; }

    /// <summary>Entropy of an example given its prototype, D h(noise), exact. The entropy of an example lies between this and <see cref="EntropyBound"/>.</summary>
    public double ConditionalEntropy => Noise == 0 ? 0 : -Width * ((Noise * Math.Log(Noise)) + ((1 - Noise) * Math.Log(1 - Noise)));

    /// <summary>Upper bound on the entropy of an example, log P + D h(noise); near equality while noise does not confuse prototypes.</summary>
    public double EntropyBound => Math.Log(Count) + ConditionalEntropy;

    private int Words => (Width + 63) / 64;

    /// <summary>Mean over the examples of log p(x), exact; negative infinity where an example is impossible (noise 0).</summary>
    public double MeanLogLikelihood(DataSet split)
    {
        ArgumentNullException.ThrowIfNull(split);
        if (split.Width != Width || split.Bytes is null || split.Bytes.AsSpan().ContainsAnyExcept(byte.MinValue, byte.MaxValue))
            throw new ArgumentException($"{split.Name} does not hold binary pictures (levels 0 and 255) of {Width} pixels, as these glyphs are.", nameof(split));
        return MeanOf(LogLikelihoods(split));
    }

    /// <summary>
    /// The expected log-likelihood, minus the entropy, estimated from <paramref name="samples"/> fresh examples, with its standard error.
    /// </summary>
    public (double Mean, double StandardError) EstimateLogLikelihood(int samples, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 2);
        double[] each = LogLikelihoods(Draw("glyphs estimate", samples, new CounterRandom((ulong)seed, (ulong)GlyphStream.Estimate)));
        double mean = MeanOf(each);
        double variance = each.Sum(value => (value - mean) * (value - mean)) / (samples - 1);
        return (mean, Math.Sqrt(variance / samples));
    }

    internal DataSet Draw(string name, int count, CounterRandom random)
    {
        byte[] levels = new byte[count * Width];
        int[] labels = new int[count];
        ulong counter = 0;
        for (int i = 0; i < count; i++)
        {
            labels[i] = random.Below(Count, counter++);
            for (int d = 0; d < Width; d++)
            {
                byte level = prototypes[(labels[i] * Width) + d];
                levels[(i * Width) + d] = random.Uniform(counter++) < Noise ? (byte)(255 - level) : level;
            }
        }
        return new DataSet { Name = name, Count = count, Width = Width, Bytes = levels, Labels = labels, Picture = (Size, Size) };
    }

    private double[] LogLikelihoods(DataSet split)
    {
        double[] result = new double[split.Count];
        double[] terms = new double[Count];
        ulong[] example = new ulong[Words];
        double logKeep = Math.Log(1 - Noise);
        double logFlip = Math.Log(Noise);
        for (int i = 0; i < split.Count; i++)
        {
            Pack(split.Bytes.AsSpan(i * Width, Width), example);
            for (int k = 0; k < Count; k++)
            {
                int flips = 0;
                for (int w = 0; w < example.Length; w++)
                    flips += BitOperations.PopCount(example[w] ^ packed[(k * Words) + w]);
                // Without flips logFlip may be -infinity, and 0 times that is no number.
                terms[k] = ((Width - flips) * logKeep) + (flips == 0 ? 0 : flips * logFlip);
            }
            double most = terms.Max();
            result[i] = double.IsNegativeInfinity(most) ? most : most + Math.Log(terms.Sum(term => Math.Exp(term - most)) / Count);
        }
        return result;
    }

    private static double MeanOf(double[] values) => values.Sum() / values.Length;

    private static void Pack(ReadOnlySpan<byte> levels, Span<ulong> bits)
    {
        bits.Clear();
        for (int d = 0; d < levels.Length; d++)
            bits[d / 64] |= levels[d] == 0 ? 0 : 1UL << (d % 64);
    }
}
