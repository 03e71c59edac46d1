using IlgpuVae.Kernels;
using MathNet.Numerics.LinearAlgebra;

namespace IlgpuVae.Tests.Reference;

/// <summary>The losses of the estimators on a reference model, means over the batch, nats, with frozen noise where there is any.</summary>
public static class ReferenceObjectives
{
    /// <summary>The mean of the KL over the batch.</summary>
    public static double MeanKl(this ReferenceVae vae, Matrix<double> x) => vae.Kl(x).RowSums().Average();

    /// <summary>
    /// What an objective makes of the KL between log-posteriors [B, N K] and log-priors [1, N K], with a gate [B, N] that is 0 where a KL is free:
    /// w_I mean_b sum_n gate KL + (w_M - w_I) sum_n M.
    /// </summary>
    public static double WeighedKl(Matrix<double> logQ, Matrix<double> logP, Matrix<double> gate, KlObjective objective, int categories)
    {
        double kl = 0;
        for (int b = 0; b < logQ.RowCount; b++)
        {
            for (int i = 0; i < logQ.ColumnCount; i++)
                kl += gate[b, i / categories] * Math.Exp(logQ[b, i]) * (logQ[b, i] - logP[b, i]) / logQ.RowCount;
        }

        return (objective.InformationWeight * kl) + ((objective.MarginalWeight - objective.InformationWeight) * MarginalKl(logQ, logP));
    }

    /// <summary>KL of the mean posterior from the mean prior, summed over variables.</summary>
    public static double MarginalKl(Matrix<double> logQ, Matrix<double> logP) => Mean(logQ).Zip(Mean(logP), (q, p) => q * Math.Log(q / p)).Sum();

    /// <summary>Mutual information of the examples and each variable, summed: the mean KL of the posteriors from their mean.</summary>
    public static double Information(Matrix<double> logQ)
    {
        double[] mean = Mean(logQ);
        return logQ.EnumerateRows().Sum(row => row.Select((l, i) => Math.Exp(l) * (l - Math.Log(mean[i]))).Sum()) / logQ.RowCount;
    }

    /// <summary>The mean of the exact expectation of the reconstruction.</summary>
    public static double MeanReconstruction(this ReferenceVae vae, Matrix<double> x) => vae.ExpectedReconstruction(x).Average();

    /// <summary>The mean log-likelihood of the examples under their own codes [B S, N K], rows [example, sample].</summary>
    public static double MeanReconstruction(this ReferenceVae vae, Matrix<double> x, Matrix<double> codes) => vae.LogLikelihoods(x, codes).Average();

    /// <summary>
    /// log w = log p(x | z) + log p(z) - log q(z | x) of each sample, [B, S], from what is decoded as z, what the last two take for z (of a code that is not
    /// one-hot they are linear), both [B S, N K], and log p - log q of each category, [B, N K].
    /// </summary>
    public static Matrix<double> LogWeights(this ReferenceVae vae, Matrix<double> x, Matrix<double> decoded, Matrix<double> scored, Matrix<double> logRatio)
    {
        double[] f = vae.LogLikelihoods(x, decoded);
        int samples = decoded.RowCount / x.RowCount;
        return Matrix<double>.Build.Dense(x.RowCount, samples, (b, s) => f[(b * samples) + s] + scored.Row((b * samples) + s).DotProduct(logRatio.Row(b)));
    }

    /// <summary>log p - log q of each category, [B, N K].</summary>
    public static Matrix<double> LogRatio(this ReferenceVae vae, Matrix<double> x) => vae.LogPrior(x) - vae.LogPosterior(x);

    /// <summary>Burda et al. 2016, equation 8: the mean over the batch of log (1 / S) sum_s w_s, from log w [B, S].</summary>
    public static double MeanBound(Matrix<double> logWeights) =>
        logWeights.EnumerateRows().Average(row => row.Maximum() + Math.Log(row.Average(logWeight => Math.Exp(logWeight - row.Maximum()))));

    /// <summary>The mean bound of codes [B S, N K].</summary>
    public static double MeanBound(this ReferenceVae vae, Matrix<double> x, Matrix<double> codes) =>
        MeanBound(vae.LogWeights(x, codes, codes, vae.LogRatio(x)));

    /// <summary>Standard Gumbel noise [B, N K] of one step: row b N + n of the stream, four numbers a block.</summary>
    public static Matrix<double> Gumbel(ulong seed, int step, int rows, int latents, int categories) =>
        Matrix<double>.Build.Dense(rows, latents * categories, (b, i) =>
        {
            int k = i % categories;
            Philox4 words = Philox.Generate((uint)(k / 4), (uint)((b * latents) + (i / categories)), (uint)step, (uint)Randomness.Codes, seed);
            return PhiloxReference.Gumbel<double>(Philox.Word(words, k % 4));
        });

    /// <summary>The relaxed codes softmax((l + g) / t) of noise [B S, N K], rows [example, sample].</summary>
    public static Matrix<double> Relaxed(this ReferenceVae vae, Matrix<double> x, Matrix<double> noise, double temperature, int categories) =>
        Softmax((PerSample(vae.Logits(x), noise.RowCount / x.RowCount) + noise) / temperature, categories);

    /// <summary>Rows [B, C] for each sample: [B S, C], rows [example, sample].</summary>
    public static Matrix<double> PerSample(Matrix<double> rows, int samples) =>
        Matrix<double>.Build.Dense(rows.RowCount * samples, rows.ColumnCount, (row, column) => rows[row / samples, column]);

    /// <summary>The softmax of each variable's logits.</summary>
    public static Matrix<double> Softmax(Matrix<double> logits, int categories) => PerVariable(logits, categories, values =>
    {
        double max = values.Max();
        double sum = values.Sum(value => Math.Exp(value - max));
        return [.. values.Select(value => Math.Exp(value - max) / sum)];
    });

    /// <summary>One-hot of the largest entry of each variable.</summary>
    public static Matrix<double> Hardened(Matrix<double> codes, int categories) =>
        PerVariable(codes, categories, values => [.. values.Select((_, i) => i == Array.IndexOf(values, values.Max()) ? 1.0 : 0.0)]);

    private static double[] LogLikelihoods(this ReferenceVae vae, Matrix<double> x, Matrix<double> codes)
    {
        int samples = codes.RowCount / x.RowCount;
        Matrix<double> outputs = vae.Decode(codes, PerSample(vae.Contexts(x), samples));
        return [.. Enumerable.Range(0, codes.RowCount).Select(row => vae.LogLikelihood(outputs, row, x, row / samples))];
    }

    private static Matrix<double> PerVariable(Matrix<double> rows, int categories, Func<double[], double[]> map)
    {
        Matrix<double> result = rows.Clone();
        for (int b = 0; b < rows.RowCount; b++)
        {
            for (int start = 0; start < rows.ColumnCount; start += categories)
            {
                double[] mapped = map([.. Enumerable.Range(start, categories).Select(i => rows[b, i])]);
                for (int k = 0; k < categories; k++)
                    result[b, start + k] = mapped[k];
            }
        }

        return result;
    }

    private static double[] Mean(Matrix<double> log) => [.. log.PointwiseExp().ColumnSums() / log.RowCount];
}
