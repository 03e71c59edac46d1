using System.Numerics;

namespace IlgpuVae.Training.Data;

/// <summary>
/// The distribution that glyphs are drawn from: p(x | c) = sum_k p(k | c) prod_d noise^[x_d != m_kd] (1 - noise)^[x_d == m_kd] for class c of C, and
/// p(x) = 1/C sum_c p(x | c). Without classes every prototype is one of its own, so that p(x) is the plain mean over prototypes.
/// No model can have a higher expected log-likelihood than this one, so runs are measured against it. Everything in nats an example.
/// </summary>
public sealed class GlyphsTruth
{
    private readonly byte[] prototypes;
    private readonly ulong[] packed;
    private readonly GlyphClasses? classes;
    private readonly double[] marginal;

    internal GlyphsTruth(byte[] prototypes, int size, double noise, int? classes = null)
    {
        this.prototypes = prototypes;
        Size = size;
        Noise = noise;
        Count = prototypes.Length / Width;
        this.classes = classes is { } count ? new GlyphClasses(count, Count) : null;
        marginal = [.. Enumerable.Range(0, Count).Select(k => Enumerable.Range(0, Classes).Sum(c => Probability(k, c)) / Classes)];
        packed = new ulong[Count * Words];
        for (int k = 0; k < Count; k++)
            Pack(prototypes.AsSpan(k * Width, Width), packed.AsSpan(k * Words, Words));
    }

    /// <summary>Prototypes [P, D], 0 and 255.</summary>
    public IReadOnlyList<byte> Prototypes => prototypes;

    /// <summary>Number of prototypes, P.</summary>
    public int Count { get; }

    /// <summary>Number of classes, C; that of the prototypes where each is a class of its own.</summary>
    public int Classes => classes?.Count ?? Count;

    /// <summary>Height and width of a picture.</summary>
    public int Size { get; }

    /// <summary>Pixels of a picture, D.</summary>
    public int Width => Size * Size;

    /// <summary>Probability that a pixel is flipped.</summary>
    public double Noise { get; }

    /// <summary>
    /// Entropy of an example given its prototype, D h(noise), exact. The entropy of an example lies between this and <see cref="EntropyBound"/>.
    /// </summary>
    public double ConditionalEntropy => Noise == 0 ? 0 : -Width * ((Noise * Math.Log(Noise)) + ((1 - Noise) * Math.Log(1 - Noise)));

    /// <summary>Upper bound on the entropy of an example, H(prototype) + D h(noise); near equality while noise does not confuse prototypes.</summary>
    public double EntropyBound => ConditionalEntropy - marginal.Sum(p => p * Math.Log(p));

    private int Words => (Width + 63) / 64;

    /// <summary>p(prototype <paramref name="k"/>).</summary>
    public double Probability(int k) => marginal[k];

    /// <summary>p(prototype <paramref name="k"/> | class <paramref name="c"/>): the probability of each mode of p(x | c).</summary>
    public double Probability(int k, int c) => classes is null ? (k == c ? 1 : 0) : classes.Probability(c, k);

    /// <summary>
    /// Mean over the examples, exact, of what a model of the split measures: log p(x) where the split has no context, log p(x | upper half) where its context
    /// are pictures, and log p(x | class) otherwise. Negative infinity where an example is impossible (noise 0).
    /// </summary>
    public double MeanLogLikelihood(DataSet split)
    {
        ArgumentNullException.ThrowIfNull(split);
        DataSet? upper = split.Context?.Picture is null ? null : split.Context;
        if (!IsBinary(split, Width - (upper?.Width ?? 0)) || (upper is not null && !IsBinary(upper, upper.Width)))
            throw new ArgumentException(
                $"{split.Name} does not hold binary pictures (levels 0 and 255) of {Width} pixels, as these glyphs are.", nameof(split));
        double[] each = new double[split.Count];
        for (int i = 0; i < each.Length; i++)
        {
            ReadOnlySpan<byte> x = split.Bytes.AsSpan(i * split.Width, split.Width);
            if (upper is null)
            {
                each[i] = LogLikelihood(x, split.Context is null ? null : split.Labels![i]);
                continue;
            }

            // log p(x | c) = log p(c, x) - log p(c), halves being runs of rows.
            ReadOnlySpan<byte> c = upper.Bytes.AsSpan(i * upper.Width, upper.Width);
            double whole = LogLikelihood([.. c, .. x], null);
            each[i] = double.IsNegativeInfinity(whole) ? whole : whole - LogLikelihood(c, null);
        }

        return MeanOf(each);
    }

    /// <summary>
    /// The expected log-likelihood, minus the entropy, estimated from <paramref name="samples"/> fresh examples, with its standard error.
    /// </summary>
    public (double Mean, double StandardError) EstimateLogLikelihood(int samples, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 2);
        DataSet drawn = Draw("glyphs estimate", samples, new CounterRandom((ulong)seed, (ulong)GlyphStream.Estimate));
        double[] each = [.. drawn.Bytes!.Chunk(Width).Select(x => LogLikelihood(x, null))];
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
            int k;
            if (classes is null)
                labels[i] = k = random.Below(Count, counter++);
            else
                (labels[i], k) = classes.Draw(random, ref counter);
            for (int d = 0; d < Width; d++)
            {
                byte level = prototypes[(k * Width) + d];
                levels[(i * Width) + d] = random.Uniform(counter++) < Noise ? (byte)(255 - level) : level;
            }
        }
        return new DataSet { Name = name, Count = count, Width = Width, Bytes = levels, Labels = labels, Picture = (Size, Size) };
    }

    // Of the first pixels of a picture, as many as x has; given the class, if one is named.
    private double LogLikelihood(ReadOnlySpan<byte> x, int? label)
    {
        Span<ulong> example = stackalloc ulong[Words];
        Pack(x, example);
        ulong last = x.Length % 64 == 0 ? ulong.MaxValue : (1UL << (x.Length % 64)) - 1;
        double logKeep = Math.Log(1 - Noise);
        double logFlip = Math.Log(Noise);
        double[] terms = new double[Count];
        for (int k = 0; k < Count; k++)
        {
            int flips = 0;
            for (int w = 0; 64 * w < x.Length; w++)
                flips += BitOperations.PopCount((example[w] ^ packed[(k * Words) + w]) & (64 * (w + 1) > x.Length ? last : ulong.MaxValue));
            // Without flips logFlip may be -infinity, and 0 times that is no number.
            terms[k] = Math.Log(label is { } c ? Probability(k, c) : marginal[k]) + ((x.Length - flips) * logKeep) + (flips == 0 ? 0 : flips * logFlip);
        }

        double most = terms.Max();
        return double.IsNegativeInfinity(most) ? most : most + Math.Log(terms.Sum(term => Math.Exp(term - most)));
    }

    private static bool IsBinary(DataSet set, int width) =>
        set.Width == width && set.Bytes is not null && !set.Bytes.AsSpan().ContainsAnyExcept(byte.MinValue, byte.MaxValue);

    private static double MeanOf(double[] values) => values.Sum() / values.Length;

    private static void Pack(ReadOnlySpan<byte> levels, Span<ulong> bits)
    {
        bits.Clear();
        for (int d = 0; d < levels.Length; d++)
            bits[d / 64] |= levels[d] == 0 ? 0 : 1UL << (d % 64);
    }
}
