using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using MathNet.Numerics.Distributions;

namespace IlgpuVae.Model;

/// <summary>Independent normal dimensions; the decoder gives the means, and the log-variances too unless the standard deviation is fixed.</summary>
/// <param name="standardDeviation">The fixed standard deviation, or null to learn one for every dimension and code.</param>
/// <param name="centre">
/// Where the data are, [D], as their mean; null for 0. The natural form measures from there: what it loses by rounding grows with the square of the data's
/// distance from there in standard deviations. The model is the same with any centre.
/// </param>
/// <param name="spread">The data's standard deviation, [D], which a learned one begins at; null for 1.</param>
internal sealed class Gaussian(
    float? standardDeviation = null, IReadOnlyList<float>? centre = null, IReadOnlyList<float>? spread = null) : ExponentialFamily<GaussianLikelihood>
{
    /// <inheritdoc/>
    public override string Name => "gaussian";

    /// <inheritdoc/>
    public override int OutputWidth(int dimensions) => standardDeviation is null ? 2 * dimensions : dimensions;

    /// <inheritdoc/>
    public override int StatisticWidth(int dimensions) => dimensions;

    /// <inheritdoc/>
    public override bool StatisticIsData => true;

    /// <inheritdoc/>
    internal override void Statistic(LaunchList list, Matrix batch, Matrix statistic) => throw new InvalidOperationException("the statistic is the data.");

    /// <inheritdoc/>
    public override int NaturalWidth(int dimensions) => 2 * dimensions;

    /// <inheritdoc/>
    public override bool HasNaturalStatistic => true;

    /// <inheritdoc/>
    public override IReadOnlyList<float>? Centre => centre;

    /// <inheritdoc/>
    internal override void NaturalStatistic(LaunchList list, Matrix statistic, Matrix? centre, Matrix naturalStatistic) =>
        DataStatistic.WithSquares(list, statistic, centre, naturalStatistic);

    /// <inheritdoc/>
    public override IReadOnlyList<float>? FirstOutputs =>
        centre is null || standardDeviation is not null || spread is null ? centre : [.. centre, .. spread.Select(GaussianLikelihood.RhoOf)];

    /// <summary>The same likelihood for data around <paramref name="centre"/> with deviations <paramref name="spread"/>.</summary>
    public Gaussian From(IReadOnlyList<float> centre, IReadOnlyList<float> spread) => new(standardDeviation, centre, spread);

    /// <inheritdoc/>
    public override float[] Mean(ReadOnlySpan<float> outputs, int dimensions) => outputs[..dimensions].ToArray();

    /// <inheritdoc/>
    public override float[] Deviation(ReadOnlySpan<float> outputs, int dimensions)
    {
        float[] deviation = new float[dimensions];
        for (int d = 0; d < dimensions; d++)
            deviation[d] = standardDeviation ?? MathF.Exp(0.5f * GaussianLikelihood.LogVarianceOf(outputs[dimensions + d]));
        return deviation;
    }

    /// <inheritdoc/>
    public override float[] Draw(ReadOnlySpan<float> outputs, int dimensions, Random random)
    {
        float[] x = Deviation(outputs, dimensions);
        for (int d = 0; d < dimensions; d++)
            x[d] = (float)Normal.Sample(random, outputs[d], x[d]);
        return x;
    }

    /// <inheritdoc/>
    public override string? Refuses(float minimum, float maximum, bool whole) => null;

    /// <inheritdoc/>
    protected override GaussianLikelihood Kernel(int dimensions, Matrix? centre)
    {
        centre?.Require(1, dimensions, nameof(centre));
        float logVariance = standardDeviation is { } fixedDeviation ? 2f * MathF.Log(fixedDeviation) : 0f;
        return new GaussianLikelihood(dimensions, standardDeviation is null ? 1 : 0, logVariance, centre?.View ?? default);
    }
}
