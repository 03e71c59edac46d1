using System.Runtime.CompilerServices;
using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// Categorical likelihood of D dimensions with V levels each, from logits a [., D V]: log p(x | a) = sum_d a_{d, x_d} - logsumexp_v a_{dv}. T(x) is the
/// one-hot form of x, [., D V]; natural parameters are the logits, c = sum_d logsumexp_v a_{dv}. A call does one dimension, in vectors of its levels.
/// </summary>
/// <param name="levels">V.</param>
internal readonly struct CategoricalLikelihood(int levels) : IElementLikelihood, INaturalForm
{
    /// <inheritdoc/>
    public int Run(int dimensions) => levels;

    /// <inheritdoc/>
    public int Calls(int dimensions, int width) => dimensions;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector LogLikelihood<TVector>(ArrayView<float> outputs, ArrayView<float> statistic, int i)
        where TVector : struct, IVector<TVector>
    {
        ArrayView<float> a = outputs.SubView((long)i * levels, levels);
        ArrayView<float> t = statistic.SubView((long)i * levels, levels);
        (float max, float sum) = Softmax.Normaliser<OneLane, TVector>(a, levels);
        TVector shift = TVector.Fill(max), logSum = TVector.Fill(Elementary.Log(sum)), none = TVector.Fill(0f), total = none;
        for (int v = 0; v < levels; v += TVector.Width)
        {
            TVector observed = TVector.LoadPart(t, v, levels - v, 0f);
            total += TVector.WherePositive(observed, observed * (TVector.LoadPart(a, v, levels - v, 0f) - shift - logSum), none);
        }

        return total;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Gradient<TVector>(ArrayView<float> outputs, ArrayView<float> statistic, ArrayView<float> outputsGrad, int i, float weight)
        where TVector : struct, IVector<TVector>
    {
        ArrayView<float> a = outputs.SubView((long)i * levels, levels);
        ArrayView<float> t = statistic.SubView((long)i * levels, levels);
        ArrayView<float> grad = outputsGrad.SubView((long)i * levels, levels);
        (float max, float sum) = Softmax.Normaliser<OneLane, TVector>(a, levels);
        TVector shift = TVector.Fill(max), scale = TVector.Fill(1f / sum), weights = TVector.Fill(weight);
        for (int v = 0; v < levels; v += TVector.Width)
        {
            TVector p = Elementary.Exp(TVector.LoadPart(a, v, levels - v, 0f) - shift) * scale;
            TVector.StorePart(weights * (TVector.LoadPart(t, v, levels - v, 0f) - p), grad, v, levels - v);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector LogNormaliser<TVector>(ArrayView<float> outputs, ArrayView<float> natural, int i)
        where TVector : struct, IVector<TVector>
    {
        ArrayView<float> a = outputs.SubView((long)i * levels, levels);
        ArrayView<float> eta = natural.SubView((long)i * levels, levels);
        (float max, float sum) = Softmax.Normaliser<OneLane, TVector>(a, levels);
        for (int v = 0; v < levels; v += TVector.Width)
            TVector.StorePart(TVector.LoadPart(a, v, levels - v, 0f), eta, v, levels - v);

        // Every element of the vector has its share: the width is a power of two, so they add up to the whole.
        return TVector.Fill((max + Elementary.Log(sum)) / TVector.Width);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void INaturalForm.Gradient<TVector>(ArrayView<float> outputs, ArrayView<float> naturalGrad, ArrayView<float> outputsGrad, int i, float weight)
    {
        ArrayView<float> a = outputs.SubView((long)i * levels, levels);
        ArrayView<float> eta = naturalGrad.SubView((long)i * levels, levels);
        ArrayView<float> grad = outputsGrad.SubView((long)i * levels, levels);
        (float max, float sum) = Softmax.Normaliser<OneLane, TVector>(a, levels);
        TVector shift = TVector.Fill(max), scale = TVector.Fill(weight / sum);
        for (int v = 0; v < levels; v += TVector.Width)
        {
            TVector p = Elementary.Exp(TVector.LoadPart(a, v, levels - v, 0f) - shift) * scale;
            TVector.StorePart(TVector.LoadPart(eta, v, levels - v, 0f) - p, grad, v, levels - v);
        }
    }
}
