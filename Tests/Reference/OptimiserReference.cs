using System.Numerics;
using IlgpuVae.Kernels;

namespace IlgpuVae.Tests.Reference;

/// <summary>
/// Adam (Kingma and Ba, algorithm 1), AdamW (Loshchilov and Hutter, algorithm 2, its decay times the rate as every library has it) and stochastic gradient
/// descent with momentum, one parameter vector at a time.
/// </summary>
public sealed class OptimiserReference<T>(OptimiserRule rule, T[] parameters)
    where T : struct, IFloatingPointIeee754<T>
{
    private readonly T[] first = new T[parameters.Length];
    private readonly T[] second = new T[parameters.Length];
    private int step;

    /// <summary>The parameters now.</summary>
    public T[] Parameters { get; } = [.. parameters];

    /// <summary>First moments, or SGD's velocity.</summary>
    public IReadOnlyList<T> First => first;

    /// <summary>Second moments.</summary>
    public IReadOnlyList<T> Second => second;

    /// <summary>One update with gradient <paramref name="scale"/> * <paramref name="gradient"/>.</summary>
    public void Update(T[] gradient, T rate, T scale)
    {
        step++;
        T decay = T.CreateChecked(rule.WeightDecay);
        for (int i = 0; i < Parameters.Length; i++)
        {
            T g = gradient[i] * scale;
            if (rule.Kind != OptimiserKind.AdamW)
                g += decay * Parameters[i];
            Parameters[i] -= rate * (rule.Kind switch
            {
                OptimiserKind.Sgd => first[i] = (T.CreateChecked(rule.FirstMomentDecay) * first[i]) + g,
                OptimiserKind.AdamW => Direction(i, g) + (decay * Parameters[i]),
                _ => Direction(i, g),
            });
        }
    }

    private T Direction(int i, T g)
    {
        T beta1 = T.CreateChecked(rule.FirstMomentDecay), beta2 = T.CreateChecked(rule.SecondMomentDecay), t = T.CreateChecked(step);
        first[i] = (beta1 * first[i]) + ((T.One - beta1) * g);
        second[i] = (beta2 * second[i]) + ((T.One - beta2) * g * g);
        T mean = first[i] / (T.One - T.Pow(beta1, t)), square = second[i] / (T.One - T.Pow(beta2, t));
        return mean / (T.Sqrt(square) + T.CreateChecked(rule.Epsilon));
    }
}
