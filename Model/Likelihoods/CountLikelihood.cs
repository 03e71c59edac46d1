using System.Globalization;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>Independent counts, one decoder output each; T(x) = x, and h(x) is not 1.</summary>
/// <typeparam name="TKernel">The device code.</typeparam>
internal abstract class CountLikelihood<TKernel> : ExponentialFamily<TKernel>
    where TKernel : struct, IElementLikelihood, INaturalForm, IBaseMeasure
{
    /// <inheritdoc/>
    public override bool StatisticIsData => true;

    /// <inheritdoc/>
    public override bool IsOfCounts => true;

    /// <inheritdoc/>
    public override bool HasBaseMeasure => true;

    /// <inheritdoc/>
    public override int OutputWidth(int dimensions) => dimensions;

    /// <inheritdoc/>
    public override int StatisticWidth(int dimensions) => dimensions;

    /// <inheritdoc/>
    internal override void LogBase(LaunchList list, Matrix batch, Matrix logBase) =>
        BaseMeasure.Record(list, $"{Name}.base-measure", batch, logBase, Kernel(batch.Columns, null));

    /// <inheritdoc/>
    public override string? Refuses(float minimum, float maximum, bool whole)
    {
        if (minimum >= 0f && whole)
            return null;
        string range = string.Create(CultureInfo.InvariantCulture, $"run from {minimum} to {maximum}");
        return $"The {Name} likelihood wants counts, whole numbers from 0 on, and these data {(whole ? range : $"have fractions and {range}")}.";
    }

    /// <summary>A Poisson draw at a rate; 0 at a rate so small that it is 0.</summary>
    private protected static float Count(Random random, double rate) =>
        rate > 0 ? MathNet.Numerics.Distributions.Poisson.Sample(random, Math.Min(rate, int.MaxValue / 2)) : 0f;

    /// <summary>e^a times <paramref name="factor"/> of each output.</summary>
    private protected static float[] Exponentials(ReadOnlySpan<float> outputs, int dimensions, float factor)
    {
        float[] mean = new float[dimensions];
        for (int d = 0; d < dimensions; d++)
            mean[d] = factor * MathF.Exp(outputs[d]);
        return mean;
    }
}
