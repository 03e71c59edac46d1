using System.Numerics;

namespace IlgpuVae.Tests.Reference;

/// <summary>Softmax of one row and its relatives: p_k = e^{l_k} / sum_j e^{l_j}.</summary>
public static class SoftmaxReference
{
    /// <summary>log sum_k e^{l_k}.</summary>
    public static T LogSumExp<T>(T[] logits) where T : IFloatingPointIeee754<T>
    {
        T max = logits.Aggregate(T.Max);
        return max + T.Log(Sum(logits.Select(l => T.Exp(l - max))));
    }

    /// <summary>log p.</summary>
    public static T[] LogSoftmax<T>(T[] logits) where T : IFloatingPointIeee754<T>
    {
        T max = logits.Aggregate(T.Max);
        T logSum = T.Log(Sum(logits.Select(l => T.Exp(l - max))));
        return Array.ConvertAll(logits, l => l - max - logSum);
    }

    /// <summary>p.</summary>
    public static T[] Softmax<T>(T[] logits) where T : IFloatingPointIeee754<T>
    {
        T max = logits.Aggregate(T.Max);
        T[] exponentials = Array.ConvertAll(logits, l => T.Exp(l - max));
        T sum = Sum(exponentials);
        return Array.ConvertAll(exponentials, e => e / sum);
    }

    /// <summary>Gradient with respect to the logits, sum_j g_j dp_j/dl_k = p_k (g_k - sum_j p_j g_j).</summary>
    public static T[] Backward<T>(T[] p, T[] grad) where T : IFloatingPointIeee754<T>
    {
        T mean = Sum(p.Zip(grad, (a, b) => a * b));
        return [.. p.Zip(grad, (a, b) => a * (b - mean))];
    }

    /// <summary>The sum, from left to right.</summary>
    public static T Sum<T>(IEnumerable<T> terms) where T : INumberBase<T> => terms.Aggregate(T.Zero, (a, b) => a + b);
}
