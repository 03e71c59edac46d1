using System.Numerics;

namespace IlgpuVae.Tests.Reference;

/// <summary>
/// log p(x) = -1/2 sum_d (x_d - mu_d)^2 e^-v_d + v_d + log 2 pi, with v fixed, or v = 8 tanh(rho / 8) where <paramref name="FixedLogVariance"/> is null.
/// </summary>
public sealed record GaussianReference(int Dimensions, float? FixedLogVariance) : ILikelihoodReference
{
    /// <inheritdoc/>
    public int Width => FixedLogVariance is null ? 2 * Dimensions : Dimensions;

    /// <inheritdoc/>
    public T[] Statistic<T>(T[] observation)
        where T : struct, IFloatingPointIeee754<T> => [.. observation, .. observation.Select(x => x * x)];

    /// <inheritdoc/>
    public T LogLikelihood<T>(T[] outputs, T[] observation)
        where T : struct, IFloatingPointIeee754<T>
    {
        T sum = T.Zero;
        for (int d = 0; d < Dimensions; d++)
        {
            T v = LogVariance(outputs, d), difference = observation[d] - outputs[d];
            sum += (difference * difference * T.Exp(-v)) + v + T.Log(T.Tau);
        }

        return -sum / Two<T>();
    }

    /// <inheritdoc/>
    public T[] Gradient<T>(T[] outputs, T[] observation)
        where T : struct, IFloatingPointIeee754<T>
    {
        T[] gradient = new T[Width];
        for (int d = 0; d < Dimensions; d++)
        {
            T difference = observation[d] - outputs[d], precision = T.Exp(-LogVariance(outputs, d));
            gradient[d] = difference * precision;
            if (FixedLogVariance is null)
                gradient[Dimensions + d] = ((difference * difference * precision) - T.One) / Two<T>() * Slope(outputs, d);
        }

        return gradient;
    }

    /// <inheritdoc/>
    public T[] Natural<T>(T[] outputs)
        where T : struct, IFloatingPointIeee754<T> =>
        [
            .. Enumerable.Range(0, Dimensions).Select(d => outputs[d] * T.Exp(-LogVariance(outputs, d))),
            .. Enumerable.Range(0, Dimensions).Select(d => -T.Exp(-LogVariance(outputs, d)) / Two<T>()),
        ];

    /// <inheritdoc/>
    public T LogNormaliser<T>(T[] outputs)
        where T : struct, IFloatingPointIeee754<T> =>
        Enumerable.Range(0, Dimensions)
            .Select(d => (outputs[d] * outputs[d] * T.Exp(-LogVariance(outputs, d))) + LogVariance(outputs, d) + T.Log(T.Tau))
            .Aggregate(T.Zero, (sum, term) => sum + (term / Two<T>()));

    /// <inheritdoc/>
    public T[] NaturalGradient<T>(T[] outputs, T[] naturalGrad, T weight)
        where T : struct, IFloatingPointIeee754<T>
    {
        T[] gradient = new T[Width];
        for (int d = 0; d < Dimensions; d++)
        {
            T mu = outputs[d], precision = T.Exp(-LogVariance(outputs, d));
            gradient[d] = (naturalGrad[d] * precision) - (weight * mu * precision);
            if (FixedLogVariance is null)
            {
                T byLinear = -naturalGrad[d] * mu * precision;
                T bySquare = naturalGrad[Dimensions + d] * precision / Two<T>();
                T byNormaliser = weight * (T.One - (mu * mu * precision)) / Two<T>();
                gradient[Dimensions + d] = (byLinear + bySquare - byNormaliser) * Slope(outputs, d);
            }
        }

        return gradient;
    }

    private static T Two<T>()
        where T : struct, IFloatingPointIeee754<T> => T.One + T.One;

    private static T Eight<T>()
        where T : struct, IFloatingPointIeee754<T> => T.CreateChecked(8);

    private T LogVariance<T>(T[] outputs, int d)
        where T : struct, IFloatingPointIeee754<T> =>
        FixedLogVariance is { } fixedValue ? T.CreateChecked(fixedValue) : Eight<T>() * T.Tanh(outputs[Dimensions + d] / Eight<T>());

    // dv / d rho = 1 - tanh^2(rho / 8).
    private T Slope<T>(T[] outputs, int d)
        where T : struct, IFloatingPointIeee754<T>
    {
        T tanh = T.Tanh(outputs[Dimensions + d] / Eight<T>());
        return T.One - (tanh * tanh);
    }
}
