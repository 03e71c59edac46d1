namespace IlgpuVae.Tests.Estimators;

/// <summary>
/// What statistical tests need: moments of each column, z-scores, the Kolmogorov-Smirnov distance. Seeds are fixed, so a test that passes goes on passing.
/// </summary>
public sealed class SampleStatistics
{
    /// <summary>A difference of more standard errors than this has probability 2e-6 for correct code.</summary>
    public const double LargestZ = 4.75;

    private readonly double[] sum, squares;

    /// <summary>For rows of <paramref name="columns"/> numbers.</summary>
    public SampleStatistics(int columns)
    {
        sum = new double[columns];
        squares = new double[columns];
    }

    /// <summary>Rows seen.</summary>
    public int Count { get; private set; }

    /// <summary>Mean of each column.</summary>
    public double[] Mean => [.. sum.Select(value => value / Count)];

    /// <summary>Squared standard error of each column's mean.</summary>
    public double[] SquaredError => [.. squares.Zip(Mean, (square, mean) => ((square / Count) - (mean * mean)) / (Count - 1))];

    /// <summary>Variance of a row, summed over the columns.</summary>
    public double TotalVariance => SquaredError.Sum() * (Count - 1);

    /// <summary>Adds row-major rows.</summary>
    public void Add(float[] rows)
    {
        for (int i = 0; i < rows.Length; i++)
        {
            sum[i % sum.Length] += rows[i];
            squares[i % sum.Length] += (double)rows[i] * rows[i];
        }

        Count += rows.Length / sum.Length;
    }

    /// <summary>The largest z-score of the means against exact ones; <paramref name="rounding"/> is what float32 may be off by in each term.</summary>
    public double LargestZAgainst(double[] exact, double rounding) =>
        Enumerable.Range(0, exact.Length).Max(i => Z(Mean[i] - exact[i], SquaredError[i], rounding));

    /// <summary>The largest z-score of the means against those of an independent sample.</summary>
    public double LargestZAgainst(SampleStatistics other, double rounding) =>
        Enumerable.Range(0, sum.Length).Max(i => Z(Mean[i] - other.Mean[i], SquaredError[i] + other.SquaredError[i], rounding));

    /// <summary>Fails where values are not from the distribution function, by the Kolmogorov-Smirnov test at 1e-6.</summary>
    public static void VerifyDistribution(IEnumerable<double> values, Func<double, double> cumulative, string what)
    {
        double[] sorted = [.. values.Order()];
        double n = sorted.Length, distance = 0;
        for (int i = 0; i < sorted.Length; i++)
        {
            double p = cumulative(sorted[i]);
            distance = Math.Max(distance, Math.Max(p - (i / n), ((i + 1) / n) - p));
        }

        Assert.That(distance * Math.Sqrt(n), Is.LessThan(Math.Sqrt(-Math.Log(0.5e-6) / 2)), what);
    }

    private static double Z(double difference, double squaredError, double rounding) =>
        Math.Max(0, Math.Abs(difference) - rounding) / Math.Sqrt(Math.Max(squaredError, double.Epsilon));
}
