using MathNet.Numerics.Distributions;

namespace IlgpuVae.Tests;

/// <summary>
/// Statistical tests of random numbers, all at one level. Every seed is fixed, so that an outcome changes only where a kernel's bits or a seed do;
/// <see cref="Alpha"/> is how rarely a correct sampler then has bad luck. The tests look at a few thousand statistics, z-scores of columns counted one by one:
/// were each change to move the bits of all of them, a hundred changes a year would bring less than one false alarm.
/// </summary>
public static class Significance
{
    /// <summary>Level of every single test.</summary>
    public const double Alpha = 1e-6;

    /// <summary>The deviation, in standard deviations, that a Gaussian statistic exceeds on either side with probability <see cref="Alpha"/>.</summary>
    public static double Sigmas { get; } = Normal.InvCDF(0, 1, 1 - (Alpha / 2));

    /// <summary>What a chi-square statistic exceeds with probability <see cref="Alpha"/>.</summary>
    public static double ChiSquareLimit(int degreesOfFreedom) => ChiSquared.InvCDF(degreesOfFreedom, 1 - Alpha);

    /// <summary>Probability of counts at least as far from <paramref name="probabilities"/> as these (Pearson's chi-square).</summary>
    public static double ChiSquare(long[] counts, double[] probabilities)
    {
        double n = counts.Sum(), statistic = 0;
        int cells = 0;
        for (int k = 0; k < counts.Length; k++)
        {
            double expected = n * probabilities[k];
            if (expected == 0)
            {
                if (counts[k] > 0)
                    return 0;
                continue;
            }

            // The chi-square distribution is a limit; five a cell is the usual least.
            Assert.That(expected, Is.GreaterThan(5), $"cell {k} expects too few draws for a chi-square test");
            statistic += Math.Pow(counts[k] - expected, 2) / expected;
            cells++;
        }

        // Where one cell has to have them all, and has them, there is nothing to be wrong with.
        return cells == 1 ? 1 : 1 - ChiSquared.CDF(cells - 1, statistic);
    }

    /// <summary>Twice the probability that a count with this expectation is as far to the side where it is.</summary>
    public static double Poisson(int count, double expected)
    {
        double upTo = MathNet.Numerics.Distributions.Poisson.CDF(expected, count), below = count == 0
            ? 0
            : MathNet.Numerics.Distributions.Poisson.CDF(expected, count - 1);
        return 2 * Math.Min(upTo, 1 - below);
    }

    /// <summary>Probability of a table at least as far from independent rows and columns as this one.</summary>
    public static double Independence(long[,] table)
    {
        (int rows, int columns) = (table.GetLength(0), table.GetLength(1));
        double[] rowSums = new double[rows], columnSums = new double[columns];
        double n = 0, statistic = 0;
        foreach ((int i, int j) in Cells(rows, columns))
        {
            rowSums[i] += table[i, j];
            columnSums[j] += table[i, j];
            n += table[i, j];
        }

        foreach ((int i, int j) in Cells(rows, columns))
        {
            double expected = rowSums[i] * columnSums[j] / n;
            statistic += Math.Pow(table[i, j] - expected, 2) / expected;
        }

        return 1 - ChiSquared.CDF((rows - 1) * (columns - 1), statistic);
    }

    /// <summary>
    /// Probability of a largest distance between the samples' distribution and <paramref name="cdf"/> at least this large (Kolmogorov-Smirnov).
    /// </summary>
    public static double KolmogorovSmirnov(double[] samples, Func<double, double> cdf)
    {
        double[] sorted = [.. samples.Order()];
        double n = sorted.Length, distance = 0;
        for (int i = 0; i < sorted.Length; i++)
        {
            double p = cdf(sorted[i]);
            distance = Math.Max(distance, Math.Max(p - (i / n), ((i + 1) / n) - p));
        }

        // The leading term of Kolmogorov's series, an upper bound of it.
        return Math.Min(1, 2 * Math.Exp(-2 * n * distance * distance));
    }

    /// <summary>Correlation of two sequences times the root of their length: a standard Gaussian where they are independent.</summary>
    public static double CorrelationInSigmas(double[] a, double[] b) =>
        MathNet.Numerics.Statistics.Correlation.Pearson(a, b) * Math.Sqrt(a.Length);

    /// <summary>Fails where values are not from the distribution function.</summary>
    public static void VerifyDistribution(IEnumerable<double> samples, Func<double, double> cdf, string what) =>
        Assert.That(KolmogorovSmirnov([.. samples], cdf), Is.GreaterThan(Alpha), what);

    private static IEnumerable<(int Row, int Column)> Cells(int rows, int columns) =>
        from i in Enumerable.Range(0, rows) from j in Enumerable.Range(0, columns) select (i, j);
}
