using System.Numerics;

namespace IlgpuVae.Tests.Reference;

/// <summary>log p(x) = sum_d x_d a_d - log(1 + e^a_d), x in [0, 1].</summary>
public sealed record BernoulliReference(int Dimensions) : ILikelihoodReference
{
    /// <inheritdoc/>
    public int Width => Dimensions;

    /// <inheritdoc/>
    public T[] Statistic<T>(T[] observation)
        where T : struct, IFloatingPointIeee754<T> => observation;

    /// <inheritdoc/>
    public T LogLikelihood<T>(T[] outputs, T[] observation)
        where T : struct, IFloatingPointIeee754<T> =>
        outputs.Zip(observation, (a, x) => (x * a) - Softplus(a)).Aggregate(T.Zero, (sum, term) => sum + term);

    /// <inheritdoc/>
    public T[] Gradient<T>(T[] outputs, T[] observation)
        where T : struct, IFloatingPointIeee754<T> => [.. outputs.Zip(observation, (a, x) => x - Sigmoid(a))];

    /// <inheritdoc/>
    public T[] Natural<T>(T[] outputs)
        where T : struct, IFloatingPointIeee754<T> => outputs;

    /// <inheritdoc/>
    public T LogNormaliser<T>(T[] outputs)
        where T : struct, IFloatingPointIeee754<T> => outputs.Aggregate(T.Zero, (sum, a) => sum + Softplus(a));

    /// <inheritdoc/>
    public T[] NaturalGradient<T>(T[] outputs, T[] naturalGrad, T weight)
        where T : struct, IFloatingPointIeee754<T> => [.. outputs.Zip(naturalGrad, (a, g) => g - (weight * Sigmoid(a)))];

    private static T Softplus<T>(T a)
        where T : struct, IFloatingPointIeee754<T> => T.Max(a, T.Zero) + T.Log(T.One + T.Exp(-T.Abs(a)));

    private static T Sigmoid<T>(T a)
        where T : struct, IFloatingPointIeee754<T> => T.One / (T.One + T.Exp(-a));
}
