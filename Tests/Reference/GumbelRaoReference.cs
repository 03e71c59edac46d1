using System.Numerics;

namespace IlgpuVae.Tests.Reference;

/// <summary>
/// One row of Gumbel-Rao: the straight-through Gumbel-Softmax pull-back averaged over noise for which the code z won. With e the noise's exponential, e =
/// e^-noise, the winner is logsumexp(l) + noise_z, and others are -log(e_i e^-l_i + e^-winner).
/// </summary>
public static class GumbelRaoReference
{
    /// <summary>The gradient with respect to the logits, added to what was there; a row of noise for each draw.</summary>
    public static T[] Backward<T>(T[] logits, int z, T[] grad, T[][] noise, T temperature, T[] before)
        where T : IFloatingPointIeee754<T>
    {
        T[] result = [.. before];
        foreach (T[] y in noise.Select(draw => SoftmaxReference.Softmax<T>([.. Perturbed(logits, z, draw).Select(g => g / temperature)])))
        {
            T[] pulled = SoftmaxReference.Backward(y, grad);
            for (int i = 0; i < result.Length; i++)
                result[i] += pulled[i] / (temperature * T.CreateChecked(noise.Length));
        }

        return result;
    }

    /// <summary>l + noise given that z won.</summary>
    public static T[] Perturbed<T>(T[] logits, int z, T[] noise)
        where T : IFloatingPointIeee754<T>
    {
        T winner = SoftmaxReference.LogSumExp(logits) + noise[z];
        return [.. logits.Select((l, i) => i == z ? winner : -T.Log(T.Exp(-noise[i] - l) + T.Exp(-winner)))];
    }
}
