namespace IlgpuVae.Training.Data;

/// <summary>
/// The classes of glyphs, equally probable, and the prototypes of each. Class c of C draws prototype k with a probability proportional to
/// 2 (1 + floor(k / C) mod 4) where k mod C = c, and to half of that where k mod C = c + 1 (mod C), so that a prototype of one class is a rarer one of its
/// neighbour. Whole-number weights: no rounding differs between machines.
/// </summary>
internal sealed class GlyphClasses
{
    private readonly int prototypes;
    private readonly int[] weights, totals;

    internal GlyphClasses(int count, int prototypes)
    {
        Count = count;
        this.prototypes = prototypes;
        weights = new int[count * prototypes];
        totals = new int[count];
        for (int i = 0; i < weights.Length; i++)
        {
            (int c, int k) = (i / prototypes, i % prototypes);
            int weight = 1 + (k / count % 4);
            weights[i] = k % count == c ? 2 * weight : k % count == (c + 1) % count ? weight : 0;
            totals[c] += weights[i];
        }
    }

    /// <summary>C.</summary>
    internal int Count { get; }

    /// <summary>p(prototype k | class c).</summary>
    internal double Probability(int c, int k) => (double)weights[(c * prototypes) + k] / totals[c];

    /// <summary>A class and one of its prototypes.</summary>
    internal (int Class, int Prototype) Draw(CounterRandom random, ref ulong counter)
    {
        int c = random.Below(Count, counter++);
        int ticket = random.Below(totals[c], counter++);
        int k = 0;
        for (; ticket >= weights[(c * prototypes) + k]; k++)
            ticket -= weights[(c * prototypes) + k];
        return (c, k);
    }
}
