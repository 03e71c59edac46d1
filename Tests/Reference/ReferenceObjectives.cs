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
                kl += gate[b, i / categories] * Math.Exp(logQ[b, i]) * (logQ[b, i] - logP[0, i]) / logQ.RowCount;
        }

        return (objective.InformationWeight * kl) + ((objective.MarginalWeight - objective.InformationWeight) * MarginalKl(logQ, logP));
    }

    /// <summary>KL of the mean posterior from the prior, summed over variables.</summary>
    public static double MarginalKl(Matrix<double> logQ, Matrix<double> logP) =>
        (logQ.PointwiseExp().ColumnSums() / logQ.RowCount).Select((q, i) => q * (Math.Log(q) - logP[0, i])).Sum();

    /// <summary>The mean of the exact expectation of the reconstruction.</summary>
    public static double MeanReconstruction(this ReferenceVae vae, Matrix<double> x) => vae.ExpectedReconstruction(x).Average();

    /// <summary>The mean log-likelihood of each example under its own codes [B, N K].</summary>
    public static double MeanReconstruction(this ReferenceVae vae, Matrix<double> x, Matrix<double> codes)
    {
        Matrix<double> outputs = vae.Decode(codes);
        return Enumerable.Range(0, x.RowCount).Average(b => vae.LogLikelihood(outputs, b, x, b));
    }

    /// <summary>Standard Gumbel noise [B, N K] of one step: row b N + n of the stream, four numbers a block.</summary>
    public static Matrix<double> Gumbel(ulong seed, int step, int rows, int latents, int categories) =>
        Matrix<double>.Build.Dense(rows, latents * categories, (b, i) =>
        {
            int k = i % categories;
            Philox4 words = Philox.Generate((uint)(k / 4), (uint)((b * latents) + (i / categories)), (uint)step, (uint)Randomness.Codes, seed);
            return -Math.Log(-Math.Log(Philox.Uniform(Philox.Word(words, k % 4))));
        });

    /// <summary>The relaxed codes softmax((l + g) / t) [B, N K].</summary>
    public static Matrix<double> Relaxed(this ReferenceVae vae, Matrix<double> x, Matrix<double> noise, double temperature, int categories) =>
        PerVariable((vae.Logits(x) + noise) / temperature, categories, values =>
        {
            double max = values.Max();
            double sum = values.Sum(value => Math.Exp(value - max));
            return [.. values.Select(value => Math.Exp(value - max) / sum)];
        });

    /// <summary>One-hot of the largest entry of each variable.</summary>
    public static Matrix<double> Hardened(Matrix<double> codes, int categories) =>
        PerVariable(codes, categories, values => [.. values.Select((_, i) => i == Array.IndexOf(values, values.Max()) ? 1.0 : 0.0)]);

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
}
