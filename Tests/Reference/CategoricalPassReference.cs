using System.Numerics;
using IlgpuVae.Kernels;

namespace IlgpuVae.Tests.Reference;

/// <summary>
/// One row of the negative ELBO: L = scale (beta KL(q || p) - sum_k q_k F_k), its KL weighed by an objective, with q = softmax(l), p = softmax(prior), and its
/// gradients, from the derivatives of softmax: dq_j/dl_k = q_j ([j = k] - q_k).
/// </summary>
public sealed record CategoricalPassReference<T>(T Kl, T Reconstruction, T[] LogitsGrad, T[] PriorGrad, T[] LogLikelihoodsGrad)
    where T : IFloatingPointIeee754<T>
{
    /// <summary>The row's terms. Null <paramref name="prior"/>: uniform. Null <paramref name="f"/>: only the KL.</summary>
    public static CategoricalPassReference<T> Of(T[] logits, T[]? prior, T[]? f, T beta, T scale, KlObjective? objective = null)
    {
        objective ??= new KlObjective();
        int n = logits.Length;
        T[] logQ = SoftmaxReference.LogSoftmax(logits), q = SoftmaxReference.Softmax(logits);
        T[] logP = SoftmaxReference.LogSoftmax(prior ?? new T[n]), p = SoftmaxReference.Softmax(prior ?? new T[n]);
        f ??= new T[n];

        // 0 log 0 = 0: what the posterior rules out costs nothing, whatever the prior and the likelihood say.
        T[] ratio = [.. Enumerable.Range(0, n).Select(k => q[k] == T.Zero ? T.Zero : logQ[k] - logP[k])];
        T kl = SoftmaxReference.Sum(q.Zip(ratio, (a, b) => a * b));
        f = [.. q.Zip(f, (a, b) => a == T.Zero ? T.Zero : b)];
        T e = SoftmaxReference.Sum(q.Zip(f, (a, b) => a * b));

        // What is free pulls at nothing; the weights of the sides scale their gradients.
        bool isFree = objective.FreeBits > 0 && kl < T.CreateChecked(objective.FreeBits);
        T posteriorBeta = isFree ? T.Zero : beta * T.CreateChecked(objective.PosteriorWeight * objective.InformationWeight);
        T priorBeta = isFree ? T.Zero : beta * T.CreateChecked(objective.PriorWeight * objective.InformationWeight);
        return new(
            kl,
            e,
            [.. Enumerable.Range(0, n).Select(k => scale * q[k] * ((posteriorBeta * (ratio[k] - kl)) - (f[k] - e)))],
            [.. Enumerable.Range(0, n).Select(k => scale * priorBeta * (p[k] - q[k]))],
            Array.ConvertAll(q, x => -scale * x));
    }

    /// <summary>
    /// The size of what float32 adds and subtracts on the way to the KL, to the reconstruction and to the logits' gradient. No computation is better
    /// than a few last places of these; 0 for a row that is not a number.
    /// </summary>
    public static (double Kl, double Reconstruction, double Grad) Magnitudes(double[] logits, double[]? prior, double[]? f, double beta, double scale)
    {
        double[] q = SoftmaxReference.Softmax(logits);
        double[] logQ = SoftmaxReference.LogSoftmax(logits), logP = SoftmaxReference.LogSoftmax(prior ?? new double[q.Length]);
        if (q.Any(double.IsNaN))
            return (0, 0, 0);
        int[] possible = [.. Enumerable.Range(0, q.Length).Where(k => q[k] > 0 && double.IsFinite(logP[k]))];
        double kl = possible.Select(k => q[k] * (Math.Abs(logQ[k]) + Math.Abs(logP[k]))).Sum();
        double reconstruction = f is null ? 0 : possible.Select(k => q[k] * Math.Abs(f[k])).Sum();
        double grad = possible.Select(k => q[k] * ((beta * (Math.Abs(logQ[k]) + Math.Abs(logP[k]) + kl)) + Math.Abs(f?[k] ?? 0) + reconstruction))
            .DefaultIfEmpty(0).Max();
        return (kl, reconstruction, scale * grad);
    }
}
