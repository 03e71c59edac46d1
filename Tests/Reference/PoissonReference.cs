using System.Numerics;
using MathNet.Numerics;

namespace IlgpuVae.Tests.Reference;

/// <summary>log p(x) = sum_d x_d a_d - e^a_d - log x_d!, x a whole number.</summary>
public sealed record PoissonReference(int Dimensions) : ILikelihoodReference
{
    /// <inheritdoc/>
    public int Width => Dimensions;

    /// <inheritdoc/>
    public T[] Statistic<T>(T[] observation)
        where T : struct, IFloatingPointIeee754<T> => observation;

    /// <inheritdoc/>
    public T LogBase<T>(T[] observation)
        where T : struct, IFloatingPointIeee754<T> =>
        observation.Aggregate(T.Zero, (sum, x) => sum - T.CreateChecked(SpecialFunctions.GammaLn(double.CreateChecked(x) + 1)));

    /// <inheritdoc/>
    public T LogLikelihood<T>(T[] outputs, T[] observation)
        where T : struct, IFloatingPointIeee754<T> =>
        LogBase(observation) + outputs.Zip(observation, (a, x) => (x * a) - T.Exp(a)).Aggregate(T.Zero, (sum, term) => sum + term);

    /// <inheritdoc/>
    public T[] Gradient<T>(T[] outputs, T[] observation)
        where T : struct, IFloatingPointIeee754<T> => [.. outputs.Zip(observation, (a, x) => x - T.Exp(a))];

    /// <inheritdoc/>
    public T[] Natural<T>(T[] outputs)
        where T : struct, IFloatingPointIeee754<T> => outputs;

    /// <inheritdoc/>
    public T LogNormaliser<T>(T[] outputs)
        where T : struct, IFloatingPointIeee754<T> => outputs.Aggregate(T.Zero, (sum, a) => sum + T.Exp(a));

    /// <inheritdoc/>
    public T[] NaturalGradient<T>(T[] outputs, T[] naturalGrad, T weight)
        where T : struct, IFloatingPointIeee754<T> => [.. outputs.Zip(naturalGrad, (a, g) => g - (weight * T.Exp(a)))];
}
