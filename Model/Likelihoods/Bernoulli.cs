using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>Independent ones and zeros from logits; grey levels in [0, 1] count as probabilities of a one.</summary>
internal sealed class Bernoulli : ExponentialFamily<BernoulliLikelihood>
{
    /// <inheritdoc/>
    public override string Name => "bernoulli";

    /// <inheritdoc/>
    public override bool StatisticIsData => true;

    /// <inheritdoc/>
    public override bool OutputsAreNatural => true;

    /// <inheritdoc/>
    public override bool IsOfBits => true;

    /// <inheritdoc/>
    public override int OutputWidth(int dimensions) => dimensions;

    /// <inheritdoc/>
    public override int StatisticWidth(int dimensions) => dimensions;

    /// <inheritdoc/>
    public override float[] Mean(ReadOnlySpan<float> outputs, int dimensions)
    {
        float[] mean = new float[dimensions];
        for (int d = 0; d < dimensions; d++)
            mean[d] = 1f / (1f + MathF.Exp(-outputs[d]));
        return mean;
    }

    /// <inheritdoc/>
    public override float[] Deviation(ReadOnlySpan<float> outputs, int dimensions) =>
        Array.ConvertAll(Mean(outputs, dimensions), p => MathF.Sqrt(p * (1f - p)));

    /// <inheritdoc/>
    public override float[] Draw(ReadOnlySpan<float> outputs, int dimensions, Random random) =>
        Array.ConvertAll(Mean(outputs, dimensions), p => random.NextSingle() < p ? 1f : 0f);

    /// <inheritdoc/>
    public override string? Refuses(float minimum, float maximum, bool whole) => minimum >= 0f && maximum <= 1f
        ? null
        : $"The Bernoulli likelihood wants data between 0 and 1, and these run from {minimum} to {maximum}. Use "
        + $"{(minimum < 0f ? string.Empty : $"{Setting.Of("Scale", maximum)}, or ")}{Setting.Of("Likelihood", "Gaussian")}.";

    /// <inheritdoc/>
    protected override BernoulliLikelihood Kernel(int dimensions, Matrix? centre) => default;
}
