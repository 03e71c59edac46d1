using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>Independent normal dimensions; the decoder gives the means, and the log-variances too unless the standard deviation is fixed.</summary>
/// <param name="standardDeviation">The fixed standard deviation, or null to learn one for every dimension and code.</param>
public sealed class Gaussian(float? standardDeviation = null) : ExponentialFamily<GaussianLikelihood>
{
    /// <inheritdoc/>
    public override string Name => "gaussian";

    /// <inheritdoc/>
    public override int OutputWidth(int dimensions) => standardDeviation is null ? 2 * dimensions : dimensions;

    /// <inheritdoc/>
    public override int StatisticWidth(int dimensions) => 2 * dimensions;

    /// <inheritdoc/>
    public override void Statistic(LaunchList list, Matrix batch, Matrix statistic) => DataStatistic.WithSquares(list, batch, statistic);

    /// <inheritdoc/>
    public override float[] Mean(ReadOnlySpan<float> outputs, int dimensions) => outputs[..dimensions].ToArray();

    /// <inheritdoc/>
    public override string? Refuses(float minimum, float maximum, bool whole) => null;

    /// <inheritdoc/>
    protected override GaussianLikelihood Kernel(int dimensions) =>
        new(dimensions, standardDeviation is null ? 1 : 0, standardDeviation is { } fixedDeviation ? 2f * MathF.Log(fixedDeviation) : 0f);
}
