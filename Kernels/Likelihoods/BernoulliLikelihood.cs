using System.Runtime.CompilerServices;
using ILGPU;

namespace IlgpuVae.Kernels;

/// <summary>
/// Bernoulli likelihood from logits a [., D]: log p(x | a) = sum_d x_d a_d - softplus(a_d). T(x) = x in [0, 1]; grey levels count as the probability of a
/// one. Natural parameters are the logits themselves, c = sum_d softplus(a_d). Exact at logits of +-1e4.
/// </summary>
internal readonly struct BernoulliLikelihood : IElementLikelihood, INaturalForm
{
    /// <inheritdoc/>
    public int Run(int dimensions) => dimensions;

    /// <inheritdoc/>
    public int Calls(int dimensions, int width) => (dimensions + width - 1) / width;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector LogLikelihood<TVector>(ArrayView<float> outputs, ArrayView<float> statistic, int i)
        where TVector : struct, IVector<TVector>
    {
        // x a - softplus(a) loses everything where a is large and x = 1: split softplus so that the large parts meet first.
        (int start, int count) = Part<TVector>(outputs, i);
        TVector a = TVector.LoadPart(outputs, start, count, 0f), x = TVector.LoadPart(statistic, start, count, 0f);
        TVector linear = TVector.WherePositive(a, (x - TVector.Fill(1f)) * a, x * a);
        return TVector.Part(linear - Elementary.Log1pUnit(Elementary.Exp(Elementary.MinusMagnitude(a))), count);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Gradient<TVector>(ArrayView<float> outputs, ArrayView<float> statistic, ArrayView<float> outputsGrad, int i, float weight)
        where TVector : struct, IVector<TVector>
    {
        (int start, int count) = Part<TVector>(outputs, i);
        TVector mean = Elementary.Sigmoid(TVector.LoadPart(outputs, start, count, 0f));
        TVector.StorePart(TVector.Fill(weight) * (TVector.LoadPart(statistic, start, count, 0f) - mean), outputsGrad, start, count);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector LogNormaliser<TVector>(ArrayView<float> outputs, ArrayView<float> natural, int i)
        where TVector : struct, IVector<TVector>
    {
        (int start, int count) = Part<TVector>(outputs, i);
        TVector a = TVector.LoadPart(outputs, start, count, 0f);
        TVector.StorePart(a, natural, start, count);
        return TVector.Part(Elementary.Softplus(a), count);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void INaturalForm.Gradient<TVector>(ArrayView<float> outputs, ArrayView<float> naturalGrad, ArrayView<float> outputsGrad, int i, float weight)
    {
        (int start, int count) = Part<TVector>(outputs, i);
        TVector mean = Elementary.Sigmoid(TVector.LoadPart(outputs, start, count, 0f));
        TVector.StorePart(TVector.LoadPart(naturalGrad, start, count, 0f) - (TVector.Fill(weight) * mean), outputsGrad, start, count);
    }

    private static (int Start, int Count) Part<TVector>(ArrayView<float> outputs, int i)
        where TVector : struct, IVector<TVector> => (i * TVector.Width, (int)outputs.Length - (i * TVector.Width));
}
