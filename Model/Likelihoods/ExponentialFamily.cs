using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>A likelihood whose device code is one structure; its launches bear its name.</summary>
/// <typeparam name="TKernel">The device code.</typeparam>
internal abstract class ExponentialFamily<TKernel> : Likelihood
    where TKernel : struct, IElementLikelihood, INaturalForm
{
    /// <inheritdoc/>
    internal override void Rows(LaunchList list, LikelihoodRows rows, int dimensions) =>
        RowLikelihood.Record(list, $"{Name}.rows", rows, Kernel(dimensions, null), dimensions);

    /// <inheritdoc/>
    internal override void Natural(LaunchList list, Matrix outputs, Matrix? centre, Matrix natural, Matrix negativeLogNormaliser, int dimensions) =>
        NaturalForm.Forward(list, $"{Name}.natural", outputs, natural, negativeLogNormaliser, Kernel(dimensions, centre), dimensions);

    /// <inheritdoc/>
    internal override void NaturalBackward(
        LaunchList list, Matrix outputs, Matrix? centre, Matrix naturalGrad, Matrix codeWeights, Matrix outputsGrad, int dimensions) =>
        NaturalForm.Backward(list, $"{Name}.natural-backward", outputs, naturalGrad, codeWeights, outputsGrad, Kernel(dimensions, centre), dimensions);

    /// <summary>The device code for D <paramref name="dimensions"/>, whose natural form measures from <paramref name="centre"/> [1, D], or from 0.</summary>
    protected abstract TKernel Kernel(int dimensions, Matrix? centre);
}
