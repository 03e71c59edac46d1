using System.Numerics;

namespace IlgpuVae.Tests.Reference;

/// <summary>
/// One row of the negative ELBO: L = scale (beta KL(q || p) - sum_k q_k F_k) with q = softmax(l), p = softmax(prior), and its gradients, from the
/// derivatives of softmax: dq_j/dl_k = q_j ([j = k] - q_k).
/// </summary>
public sealed record CategoricalPassReference<T>(T Kl, T Reconstruction, T[] LogitsGrad, T[] PriorGrad, T[] LogLikelihoodsGrad)
    where T : IFloatingPointIeee754<T>
{
    /// <summary>The row's terms. Null <paramref name="prior"/>: uniform. Null <paramref name="f"/>: only the KL.</summary>
    public static CategoricalPassReference<T> Of(T[] logits, T[]? prior, T[]? f, T beta, T scale)
    {
        int n = logits.Length;
        T[] logQ = SoftmaxReference.LogSoftmax(logits), q = SoftmaxReference.Softmax(logits);
        T[] logP = SoftmaxReference.LogSoftmax(prior ?? new T[n]), p = SoftmaxReference.Softmax(prior ?? new T[n]);
        f ??= new T[n];

        // 0 log 0 = 0: what the posterior rules out costs nothing, whatever the prior says.
        T[] ratio = [.. Enumerable.Range(0, n).Select(k => q[k] == T.Zero ? T.Zero : logQ[k] - logP[k])];
        T kl = SoftmaxReference.Sum(q.Zip(ratio, (a, b) => a * b));
        T e = SoftmaxReference.Sum(q.Zip(f, (a, b) => a * b));
        return new(
            kl,
            e,
            [.. Enumerable.Range(0, n).Select(k => scale * q[k] * ((beta * (ratio[k] - kl)) - (f[k] - e)))],
            [.. Enumerable.Range(0, n).Select(k => scale * beta * (p[k] - q[k]))],
            Array.ConvertAll(q, x => -scale * x));
    }

    /// <summary>The largest number inside the gradient: what a float32 computation rounds at best to its last place.</summary>
    public static double Magnitude(double[] logits, double[]? prior, double[]? f, double beta, double scale)
    {
        double[] q = SoftmaxReference.Softmax(logits);
        IEnumerable<double> finite = SoftmaxReference.LogSoftmax(logits).Concat(SoftmaxReference.LogSoftmax(prior ?? new double[q.Length])).Where(double.IsFinite);
        double logs = finite.Select(Math.Abs).DefaultIfEmpty(0).Max();
        double likelihoods = f?.Select(Math.Abs).Max() ?? 0;
        double largest = q.Select(x => x * (1 - x)).Max();
        return double.IsNaN(largest) ? 0 : scale * ((beta * logs) + likelihoods);
    }
}
