using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>Independent ones and zeros from logits; grey levels in [0, 1] count as probabilities of a one.</summary>
public sealed class Bernoulli : Likelihood
{
    /// <inheritdoc/>
    public override string Name => "bernoulli";

    /// <inheritdoc/>
    public override bool StatisticIsData => true;

    /// <inheritdoc/>
    public override bool OutputsAreNatural => true;

    /// <inheritdoc/>
    public override int OutputWidth(int dimensions) => dimensions;

    /// <inheritdoc/>
    public override int StatisticWidth(int dimensions) => dimensions;

    /// <inheritdoc/>
    public override void Statistic(LaunchList list, Matrix batch, Matrix statistic) => throw new InvalidOperationException("the statistic is the data.");

    /// <inheritdoc/>
    public override void Rows(LaunchList list, LikelihoodRows rows, int dimensions) =>
        RowLikelihood.Record(list, "bernoulli.rows", rows, default(BernoulliLikelihood), dimensions);

    /// <inheritdoc/>
    public override void Natural(LaunchList list, Matrix outputs, Matrix? centre, Matrix natural, Matrix negativeLogNormaliser, int dimensions) =>
        NaturalForm.Forward(list, "bernoulli.natural", outputs, natural, negativeLogNormaliser, default(BernoulliLikelihood), dimensions);

    /// <inheritdoc/>
    public override void NaturalBackward(LaunchList list, Matrix outputs, Matrix? centre, Matrix naturalGrad, Matrix codeWeights, Matrix outputsGrad, int dimensions) =>
        NaturalForm.Backward(list, "bernoulli.natural-backward", outputs, naturalGrad, codeWeights, outputsGrad, default(BernoulliLikelihood), dimensions);

    /// <inheritdoc/>
    public override float[] Mean(ReadOnlySpan<float> outputs, int dimensions)
    {
        float[] mean = new float[dimensions];
        for (int d = 0; d < dimensions; d++)
            mean[d] = 1f / (1f + MathF.Exp(-outputs[d]));
        return mean;
    }

    /// <inheritdoc/>
    public override string? Refuses(float minimum, float maximum, bool whole) => minimum >= 0f && maximum <= 1f
        ? null
        : $"The Bernoulli likelihood wants data between 0 and 1, and these run from {minimum} to {maximum}. Use {(minimum < 0f ? string.Empty : $"--scale {maximum}, or ")}--likelihood gaussian.";
}
