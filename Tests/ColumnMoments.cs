namespace IlgpuVae.Tests;

/// <summary>
/// Mean and variance of each column of sampled rows, and how far the means are from where they should be; <see cref="Significance"/> has the limit.
/// </summary>
public sealed class ColumnMoments
{
    private readonly double[] sum, squares;

    /// <summary>For rows of <paramref name="columns"/> numbers.</summary>
    public ColumnMoments(int columns)
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
    public double LargestZAgainst(ColumnMoments other, double rounding) =>
        Enumerable.Range(0, sum.Length).Max(i => Z(Mean[i] - other.Mean[i], SquaredError[i] + other.SquaredError[i], rounding));

    private static double Z(double difference, double squaredError, double rounding) =>
        Math.Max(0, Math.Abs(difference) - rounding) / Math.Sqrt(Math.Max(squaredError, double.Epsilon));
}
