using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using MathNet.Numerics.Distributions;

namespace IlgpuVae.Model;

/// <summary>
/// Independent negative-binomial counts from logits a and a fixed total count r, as PyTorch's <c>NegativeBinomial(total_count, logits)</c>: mean mu = r e^a,
/// variance mu + mu^2 / r. r = 1 is the geometric distribution, and as r grows it becomes the Poisson distribution.
/// </summary>
internal sealed class NegativeBinomial : CountLikelihood<NegativeBinomialLikelihood>
{
    /// <summary>The smallest r whose coefficients fit float32.</summary>
    public const float SmallestTotalCount = 0.001f;

    /// <summary>The largest r: beyond, it is the Poisson distribution to within float32 for all but huge counts.</summary>
    public const float LargestTotalCount = 1e6f;

    /// <summary>The r where none is given: rates that vary by 32 % of themselves.</summary>
    public const float DefaultTotalCount = 10f;

    private readonly NegativeBinomialLikelihood kernel;

    /// <summary>The family of one total count.</summary>
    /// <param name="totalCount">r, from <see cref="SmallestTotalCount"/> to <see cref="LargestTotalCount"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is outside.</exception>
    public NegativeBinomial(float totalCount = DefaultTotalCount)
    {
        if (!IsTotalCount(totalCount))
            throw new ArgumentOutOfRangeException(nameof(totalCount), totalCount, $"It has to be from {SmallestTotalCount} to {LargestTotalCount:N0}.");
        TotalCount = totalCount;
        kernel = new NegativeBinomialLikelihood(totalCount);
    }

    /// <summary>r.</summary>
    public float TotalCount { get; }

    /// <inheritdoc/>
    public override string Name => "negative-binomial";

    /// <summary>Whether a number can be r.</summary>
    public static bool IsTotalCount(double number) => (float)number is >= SmallestTotalCount and <= LargestTotalCount;

    /// <inheritdoc/>
    public override float[] Mean(ReadOnlySpan<float> outputs, int dimensions) => Exponentials(outputs, dimensions, TotalCount);

    /// <inheritdoc/>
    public override float[] Deviation(ReadOnlySpan<float> outputs, int dimensions) =>
        Array.ConvertAll(Mean(outputs, dimensions), mean => MathF.Sqrt(mean + (mean * mean / TotalCount)));

    /// <inheritdoc/>
    public override float[] Draw(ReadOnlySpan<float> outputs, int dimensions, Random random) =>
        Array.ConvertAll(Mean(outputs, dimensions), mean => mean > 0f ? Count(random, Gamma.Sample(random, TotalCount, TotalCount / mean)) : 0f);

    /// <inheritdoc/>
    protected override NegativeBinomialLikelihood Kernel(int dimensions, Matrix? centre) => kernel;
}
