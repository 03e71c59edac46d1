using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>
/// Independent Poisson counts from log-rates. A rate beyond e^88 leaves float32 and is infinite: training reports that as a loss that is not finite, and stops.
/// </summary>
internal sealed class Poisson : CountLikelihood<PoissonLikelihood>
{
    /// <inheritdoc/>
    public override string Name => "poisson";

    /// <inheritdoc/>
    public override bool OutputsAreNatural => true;

    /// <inheritdoc/>
    public override float[] Mean(ReadOnlySpan<float> outputs, int dimensions) => Exponentials(outputs, dimensions, 1f);

    /// <inheritdoc/>
    public override float[] Deviation(ReadOnlySpan<float> outputs, int dimensions) => Array.ConvertAll(Mean(outputs, dimensions), MathF.Sqrt);

    /// <inheritdoc/>
    public override float[] Draw(ReadOnlySpan<float> outputs, int dimensions, Random random) =>
        Array.ConvertAll(Mean(outputs, dimensions), rate => Count(random, rate));

    /// <inheritdoc/>
    protected override PoissonLikelihood Kernel(int dimensions, Matrix? centre) => default;
}
