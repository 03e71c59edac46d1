namespace IlgpuVae.Training.Evaluation;

/// <summary>How a split uses its N K categories, gathered batch by batch.</summary>
/// <param name="latents">N.</param>
/// <param name="categories">K.</param>
internal sealed class CodeUsage(int latents, int categories)
{
    private const double ActiveKl = 0.01;

    private readonly double[] mean = new double[latents * categories], prior = new double[latents * categories];
    private readonly bool[] used = new bool[latents * categories];
    private readonly double[] kl = new double[latents];
    private readonly double[] negativeEntropy = new double[latents];
    private int examples;

    /// <summary>Mean posterior probability of each category, [N, K].</summary>
    public IReadOnlyList<double> MeanPosterior => [.. mean.Select(sum => sum / examples)];

    /// <summary>Adds a batch.</summary>
    public void Add(BatchMeasurement measured)
    {
        ArgumentNullException.ThrowIfNull(measured);
        int width = latents * categories;
        int batch = measured.LogPosterior.Length / width;
        for (int b = 0; b < batch; b++)
        {
            for (int n = 0; n < latents; n++)
            {
                kl[n] += measured.KlRows[(b * latents) + n];
                ReadOnlySpan<float> row = measured.LogPosterior.AsSpan((b * width) + (n * categories), categories);
                int best = 0;
                for (int k = 0; k < categories; k++)
                {
                    double q = Math.Exp(row[k]);
                    mean[(n * categories) + k] += q;
                    negativeEntropy[n] += q > 0 ? q * row[k] : 0;
                    if (row[k] > row[best])
                        best = k;
                }

                used[(n * categories) + best] = true;
            }
        }

        // Each row of the prior stands for as many examples as share it.
        double examplesPerPrior = (double)batch * width / measured.LogPrior.Length;
        for (int i = 0; i < measured.LogPrior.Length; i++)
            prior[i % width] += examplesPerPrior * Math.Exp(measured.LogPrior[i]);
        examples += batch;
    }

    /// <summary>The report's figures on usage.</summary>
    public (int CodesUsed, double Perplexity, int ActiveVariables, double MutualInformation, double MarginalKl) Summarise()
    {
        double perplexity = 0, information = 0, marginalKl = 0;
        for (int n = 0; n < latents; n++)
        {
            double entropy = 0;
            for (int k = 0; k < categories; k++)
            {
                double p = mean[(n * categories) + k] / examples;
                entropy -= p > 0 ? p * Math.Log(p) : 0;
                marginalKl += p > 0 ? p * Math.Log(p * examples / prior[(n * categories) + k]) : 0;
            }

            perplexity += Math.Exp(entropy);
            information += entropy + (negativeEntropy[n] / examples);
        }

        return (used.Count(isUsed => isUsed), perplexity / latents, kl.Count(sum => sum / examples > ActiveKl), information, marginalKl);
    }
}
