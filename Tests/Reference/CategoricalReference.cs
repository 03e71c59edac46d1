using System.Numerics;

namespace IlgpuVae.Tests.Reference;

/// <summary>log p(x) = sum_d a_{d, x_d} - log sum_v e^a_{dv}.</summary>
public sealed record CategoricalReference(int Dimensions, int Levels) : ILikelihoodReference
{
    /// <inheritdoc/>
    public int Width => Dimensions * Levels;

    /// <inheritdoc/>
    public T[] Statistic<T>(T[] observation)
        where T : struct, IFloatingPointIeee754<T> =>
        [.. observation.SelectMany(x => Enumerable.Range(0, Levels).Select(v => int.CreateChecked(x) == v ? T.One : T.Zero))];

    /// <inheritdoc/>
    public T LogLikelihood<T>(T[] outputs, T[] observation)
        where T : struct, IFloatingPointIeee754<T>
    {
        T sum = T.Zero;
        for (int d = 0; d < Dimensions; d++)
            sum += outputs[(d * Levels) + int.CreateChecked(observation[d])] - SoftmaxReference.LogSumExp(ByRow.Row(outputs, d, Levels));
        return sum;
    }

    /// <inheritdoc/>
    public T[] Gradient<T>(T[] outputs, T[] observation)
        where T : struct, IFloatingPointIeee754<T> => NaturalGradient(outputs, Statistic(observation), T.One);

    /// <inheritdoc/>
    public T[] Natural<T>(T[] outputs)
        where T : struct, IFloatingPointIeee754<T> => outputs;

    /// <inheritdoc/>
    public T LogNormaliser<T>(T[] outputs)
        where T : struct, IFloatingPointIeee754<T> =>
        Enumerable.Range(0, Dimensions).Aggregate(T.Zero, (sum, d) => sum + SoftmaxReference.LogSumExp(ByRow.Row(outputs, d, Levels)));

    /// <inheritdoc/>
    public T[] NaturalGradient<T>(T[] outputs, T[] naturalGrad, T weight)
        where T : struct, IFloatingPointIeee754<T>
    {
        T[] gradient = new T[Width];
        for (int d = 0; d < Dimensions; d++)
        {
            T normaliser = SoftmaxReference.LogSumExp(ByRow.Row(outputs, d, Levels));
            for (int i = d * Levels; i < (d + 1) * Levels; i++)
                gradient[i] = naturalGrad[i] - (weight * T.Exp(outputs[i] - normaliser));
        }

        return gradient;
    }
}
