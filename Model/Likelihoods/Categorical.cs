using System.Globalization;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>Independent dimensions with V levels each, from V logits a dimension.</summary>
/// <param name="levels">V.</param>
/// <param name="levelScale">What a datum is multiplied by to give its level: V - 1 for grey levels in [0, 1], 255 for bytes that are
/// levels and are given as parts of 255, 1 for numbers that are levels.</param>
internal sealed class Categorical(int levels, float levelScale) : ExponentialFamily<CategoricalLikelihood>
{
    /// <summary>V.</summary>
    public int Levels { get; } = levels;

    /// <inheritdoc/>
    public override string Name => "categorical";

    /// <inheritdoc/>
    public override bool EncodesStatistic => true;

    /// <inheritdoc/>
    public override bool OutputsAreNatural => true;

    /// <inheritdoc/>
    public override int OutputWidth(int dimensions) => dimensions * Levels;

    /// <inheritdoc/>
    public override int StatisticWidth(int dimensions) => dimensions * Levels;

    /// <inheritdoc/>
    internal override void Statistic(LaunchList list, Matrix batch, Matrix statistic) => DataStatistic.OneHot(list, batch, statistic, Levels, levelScale);

    /// <inheritdoc/>
    public override float[] Mean(ReadOnlySpan<float> outputs, int dimensions) =>
        OfEach(outputs, dimensions, p => p.Index().Sum(level => level.Index * level.Item));

    /// <inheritdoc/>
    public override float[] Deviation(ReadOnlySpan<float> outputs, int dimensions) => OfEach(outputs, dimensions, p =>
    {
        double mean = p.Index().Sum(level => level.Index * level.Item);
        return Math.Sqrt(p.Index().Sum(level => Math.Pow(level.Index - mean, 2) * level.Item));
    });

    /// <inheritdoc/>
    public override float[] Draw(ReadOnlySpan<float> outputs, int dimensions, Random random) =>
        OfEach(outputs, dimensions, p => MathNet.Numerics.Distributions.Categorical.Sample(random, p));

    /// <inheritdoc/>
    public override string? Refuses(float minimum, float maximum, bool whole)
    {
        if (levelScale != 1f)
        {
            if (!(minimum >= 0f && maximum <= 1f))
                return $"Grey levels between 0 and 1 are wanted here, and these data run from {minimum} to {maximum}.";
            return maximum * levelScale < Levels - 0.5f
                ? null
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"Bytes are levels from 0 to {Levels - 1} here, as the run's examples are, and these go up to {maximum * levelScale}. Change "
                        + $"{Setting.Of(nameof(Levels))}.");
        }

        return whole && minimum >= 0f && maximum <= Levels - 1
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"The categorical likelihood wants whole numbers from 0 to {Levels - 1}, and these data run from {minimum} to {maximum}. Change "
                    + $"{Setting.Of(nameof(Levels))}, or use {Setting.Of("Likelihood", "Gaussian")}.");
    }

    /// <inheritdoc/>
    protected override CategoricalLikelihood Kernel(int dimensions, Matrix? centre) => new(Levels);

    // A number for each dimension from the probabilities of its levels, as a datum.
    private float[] OfEach(ReadOnlySpan<float> outputs, int dimensions, Func<double[], double> level)
    {
        float[] data = new float[dimensions];
        double[] p = new double[Levels];
        for (int d = 0; d < dimensions; d++)
        {
            ReadOnlySpan<float> logits = outputs.Slice(d * Levels, Levels);
            float max = float.NegativeInfinity;
            foreach (float logit in logits)
                max = Math.Max(max, logit);
            double sum = 0;
            for (int v = 0; v < Levels; v++)
                sum += p[v] = Math.Exp(logits[v] - max);
            for (int v = 0; v < Levels; v++)
                p[v] /= sum;
            data[d] = (float)(level(p) / levelScale);
        }

        return data;
    }
}
