namespace IlgpuVae.Training.Audit;

/// <summary>
/// What the draws of a gradient say about its mean: how far it is from the exact gradient e, and whether that could be noise. Draws come in blocks of equal
/// size, as sums of the difference to e and of its square.
/// </summary>
/// <remarks>
/// Two tests share the level. The omnibus test is the one-sample form of S. X. Chen and Y.-L. Qin, Annals of Statistics 38(2), 2010: the squared bias from the
/// products of different blocks' means, in which noise has mean 0, against a chi-square variable with the first two moments of the noise; it needs neither more
/// draws than coordinates nor independent coordinates. The other is the largest z-score of a coordinate against Bonferroni's limit. There no coordinate's
/// variance or rounding counts as less than the mean one: of a category with a probability of 1e-5 no two thousand draws show the variance, and its z-score
/// would be without meaning.
/// </remarks>
internal sealed class BiasTest
{
    /// <summary>How often an unbiased estimator fails.</summary>
    public const double Level = 0.001;

    private readonly double[] exact, rounding, sum, squares;
    private readonly double squaredRounding;
    private readonly List<double[]> blockMeans = [];
    private double cosines;

    /// <summary>For gradients like <paramref name="exact"/>; <paramref name="rounding"/> is how far float32 may put each coordinate's mean off.</summary>
    public BiasTest(double[] exact, double[] rounding)
    {
        this.exact = exact;
        this.rounding = rounding;
        sum = new double[exact.Length];
        squares = new double[exact.Length];
        squaredRounding = rounding.Sum(value => value * value);
        ExactNorm = Norm(exact);
    }

    /// <summary>M.</summary>
    public int Draws { get; private set; }

    /// <summary>|e|.</summary>
    public double ExactNorm { get; }

    /// <summary>Variance of one draw, summed over the coordinates.</summary>
    public double TotalVariance => Enumerable.Range(0, sum.Length).Sum(Variance);

    /// <summary>Whether draws do not differ by more than rounding.</summary>
    public bool IsDeterministic => Draws > 1 && TotalVariance <= squaredRounding;

    /// <summary>Estimate of |E g - e|^2 with mean 0 where there is no bias, so that it may be negative.</summary>
    public double SquaredBias { get; private set; }

    /// <summary>Mean over the draws of the cosine between a draw and e.</summary>
    public double CosineOfDraw => cosines / Draws;

    /// <summary>Cosine between the draws' mean and e.</summary>
    public double CosineOfMean
    {
        get
        {
            double[] mean = [.. sum.Zip(exact, (difference, e) => (difference / Draws) + e)];
            double norm = Norm(mean);
            return norm > 0 ? Dot(mean, exact) / norm / ExactNorm : 0;
        }
    }

    /// <summary>|mean - e| that noise alone leads to: the root of the mean's total variance.</summary>
    public double NoiseFloor => Math.Sqrt(TotalVariance / Draws);

    /// <summary>The omnibus statistic on the scale of a standard normal variable.</summary>
    public double OmnibusZ
    {
        get
        {
            // What rounding may do to the bias is no bias.
            double bias = SquaredBias - Math.Clamp(SquaredBias, -squaredRounding, squaredRounding);
            return Normalised(1 + (bias * Draws / TestedVariance), Freedom);
        }
    }

    /// <summary>The most of <see cref="OmnibusZ"/> that passes.</summary>
    public static double OmnibusLimit { get; } = NormalQuantile(Level / 2);

    /// <summary>The largest z-score of a coordinate.</summary>
    public double LargestZ
    {
        get
        {
            double leastVariance = TotalVariance / sum.Length;
            double leastRounding = Math.Sqrt(squaredRounding / sum.Length);
            return Enumerable.Range(0, sum.Length).Max(i =>
            {
                double allowed = Math.Max(rounding[i], leastRounding);
                double variance = Math.Max(Variance(i), leastVariance) + (allowed * allowed);
                return Math.Max(0, Math.Abs(sum[i] / Draws) - allowed) / Math.Sqrt(variance / Draws);
            });
        }
    }

    /// <summary>The most of <see cref="LargestZ"/> that passes.</summary>
    public double LargestZLimit => NormalQuantile(Level / 4 / sum.Length);

    /// <summary>The bias |E g - e| that the omnibus test would just have found.</summary>
    public double DetectableBias => Math.Sqrt(((Quantile(OmnibusLimit, Freedom) - 1) * TestedVariance / Draws) + squaredRounding);

    /// <summary>Whether a test fails. What is not finite fails.</summary>
    public bool FindsBias => !(OmnibusZ <= OmnibusLimit && LargestZ <= LargestZLimit);

    private double TestedVariance => TotalVariance + squaredRounding;

    // Degrees of freedom of the chi-square variable whose mean and variance the noise's squared length has: (tr C)^2 / tr C^2.
    private double Freedom { get; set; } = 1;

    /// <summary>Adds a block of draws: sums of g - e and of its square, and the sum of the draws' cosines.</summary>
    public void Add(float[] blockSums, float[] blockSquares, double blockCosines, int draws)
    {
        for (int i = 0; i < sum.Length; i++)
        {
            sum[i] += blockSums[i];
            squares[i] += blockSquares[i];
        }

        Draws += draws;
        cosines += blockCosines;
        blockMeans.Add([.. blockSums.Select(value => (double)value / draws)]);
    }

    /// <summary>Compares the blocks with each other, once all are there.</summary>
    public void Conclude()
    {
        double products = 0, squaredProducts = 0;
        int pairs = 0;
        for (int g = 0; g < blockMeans.Count; g++)
        {
            for (int h = 0; h < g; h++, pairs++)
            {
                double product = Dot(blockMeans[g], blockMeans[h]);
                products += product;
                squaredProducts += product * product;
            }
        }

        SquaredBias = products / pairs;
        double blockVariance = TestedVariance * blockMeans.Count / Draws;
        Freedom = Math.Clamp(blockVariance * blockVariance / Math.Max(squaredProducts / pairs, double.Epsilon), 1, sum.Length);
    }

    /// <summary>The value that a standard normal variable exceeds with probability <paramref name="tail"/>, to 5e-4 (Abramowitz and Stegun 26.2.23).</summary>
    public static double NormalQuantile(double tail)
    {
        double t = Math.Sqrt(-2 * Math.Log(tail));
        return t - ((2.515517 + (t * (0.802853 + (t * 0.010328)))) / (1 + (t * (1.432788 + (t * (0.189269 + (t * 0.001308)))))));
    }

    // The cube root of a chi-square variable over its degrees of freedom is almost normal (E. B. Wilson and M. M. Hilferty, PNAS 17, 1931).
    private static double Normalised(double ratio, double freedom) => (Math.Cbrt(ratio) - 1 + (2 / (9 * freedom))) / Math.Sqrt(2 / (9 * freedom));

    private static double Quantile(double z, double freedom) => Math.Pow(1 - (2 / (9 * freedom)) + (z * Math.Sqrt(2 / (9 * freedom))), 3);

    private double Variance(int i) => Math.Max(0, (squares[i] - (sum[i] * sum[i] / Draws)) / (Draws - 1));

    private static double Norm(double[] vector) => Math.Sqrt(Dot(vector, vector));

    private static double Dot(double[] a, double[] b)
    {
        double dot = 0;
        for (int i = 0; i < a.Length; i++)
            dot += a[i] * b[i];
        return dot;
    }
}
