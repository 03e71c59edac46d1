using System.Numerics;
using MathNet.Numerics;

namespace IlgpuVae.Tests.Reference;

/// <summary>log p(x) = sum_d x_d log sigmoid(a_d) + r log sigmoid(-a_d) + log Gamma(x_d + r) - log Gamma(r) - log x_d!, x a whole number.</summary>
/// <param name="Dimensions">D.</param>
/// <param name="TotalCount">r.</param>
public sealed record NegativeBinomialReference(int Dimensions, float TotalCount) : ILikelihoodReference
{
    /// <inheritdoc/>
    public int Width => Dimensions;

    /// <inheritdoc/>
    public T[] Statistic<T>(T[] observation)
        where T : struct, IFloatingPointIeee754<T> => observation;

    /// <inheritdoc/>
    public T LogBase<T>(T[] observation)
        where T : struct, IFloatingPointIeee754<T> => observation.Aggregate(T.Zero, (sum, x) => sum + T.CreateChecked(LogMultisets(double.CreateChecked(x))));

    /// <inheritdoc/>
    public T LogLikelihood<T>(T[] outputs, T[] observation)
        where T : struct, IFloatingPointIeee754<T>
    {
        T r = T.CreateChecked(TotalCount);
        return LogBase(observation) + outputs.Zip(observation, (a, x) => -(x * Softplus(-a)) - (r * Softplus(a))).Aggregate(T.Zero, (sum, term) => sum + term);
    }

    /// <inheritdoc/>
    public T[] Gradient<T>(T[] outputs, T[] observation)
        where T : struct, IFloatingPointIeee754<T> => NaturalGradient(outputs, observation, T.One);

    /// <inheritdoc/>
    public T[] Natural<T>(T[] outputs)
        where T : struct, IFloatingPointIeee754<T> => [.. outputs.Select(a => -Softplus(-a))];

    /// <inheritdoc/>
    public T LogNormaliser<T>(T[] outputs)
        where T : struct, IFloatingPointIeee754<T> => T.CreateChecked(TotalCount) * outputs.Aggregate(T.Zero, (sum, a) => sum + Softplus(a));

    /// <inheritdoc/>
    public T[] NaturalGradient<T>(T[] outputs, T[] naturalGrad, T weight)
        where T : struct, IFloatingPointIeee754<T> =>
        [.. outputs.Zip(naturalGrad, (a, g) => (g * Sigmoid(-a)) - (weight * T.CreateChecked(TotalCount) * Sigmoid(a)))];

    private double LogMultisets(double x) => SpecialFunctions.GammaLn(x + TotalCount) - SpecialFunctions.GammaLn(TotalCount) - SpecialFunctions.GammaLn(x + 1);

    private static T Softplus<T>(T a)
        where T : struct, IFloatingPointIeee754<T> => T.Max(a, T.Zero) + T.Log(T.One + T.Exp(-T.Abs(a)));

    private static T Sigmoid<T>(T a)
        where T : struct, IFloatingPointIeee754<T> => T.One / (T.One + T.Exp(-a));
}
