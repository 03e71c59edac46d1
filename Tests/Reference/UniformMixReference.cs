using System.Numerics;

namespace IlgpuVae.Tests.Reference;

/// <summary>One row of a posterior mixed with the uniform distribution: q' = (1 - eps) softmax(l) + eps / K.</summary>
public static class UniformMixReference
{
    /// <summary>log q'.</summary>
    public static T[] LogMixed<T>(T[] logits, T share)
        where T : IFloatingPointIeee754<T> =>
        Array.ConvertAll(SoftmaxReference.Softmax(logits), q => T.Log(((T.One - share) * q) + (share / T.CreateChecked(logits.Length))));

    /// <summary>Gradient with respect to the logits from that with respect to log q', through d log q'_k / dq_k = (1 - eps) / q'_k and softmax.</summary>
    public static T[] Backward<T>(T[] logits, T[] grad, T share)
        where T : IFloatingPointIeee754<T>
    {
        T[] mixed = Array.ConvertAll(LogMixed(logits, share), T.Exp);
        return SoftmaxReference.Backward(SoftmaxReference.Softmax(logits), [.. grad.Zip(mixed, (g, p) => g * (T.One - share) / p)]);
    }
}
