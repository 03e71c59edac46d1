using System.Runtime.CompilerServices;
using ILGPU;

namespace IlgpuVae.Kernels;

/// <summary>
/// Negative-binomial likelihood of counts from logits a [., D] and a fixed total count r:
/// <code>log p(x | a) = sum_d x_d log sigmoid(a_d) + r log sigmoid(-a_d) + log Gamma(x_d + r) / (Gamma(r) x_d!)</code>
/// The mean is mu = r e^a, the variance mu + mu^2 / r. T(x) = x; natural parameters log sigmoid(a), c = r sum_d softplus(a_d); the last term is log h(x).
/// </summary>
internal readonly struct NegativeBinomialLikelihood : IElementLikelihood, INaturalForm, IBaseMeasure
{
    private readonly float totalCount, logTotalCount, shift;

    /// <summary>The family of one total count.</summary>
    /// <param name="totalCount">r, from 0.001 to 1e6.</param>
    public NegativeBinomialLikelihood(float totalCount)
    {
        this.totalCount = totalCount;
        logTotalCount = (float)Math.Log(totalCount);
        shift = (float)CountCoefficients.Shift(totalCount);
    }

    /// <inheritdoc/>
    public int Run(int dimensions) => dimensions;

    /// <inheritdoc/>
    public int Calls(int dimensions, int width) => (dimensions + width - 1) / width;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector LogLikelihood<TVector>(ArrayView<float> outputs, ArrayView<float> statistic, int i)
        where TVector : struct, IVector<TVector>
    {
        (int start, int count) = Part<TVector>(outputs, i);
        TVector a = TVector.LoadPart(outputs, start, count, 0f), x = TVector.LoadPart(statistic, start, count, 0f);
        TVector successes = x * Elementary.Softplus(TVector.Fill(0f) - a), failures = TVector.Fill(totalCount) * Elementary.Softplus(a);
        return TVector.Part(TVector.Fill(0f) - successes - failures, count);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Gradient<TVector>(ArrayView<float> outputs, ArrayView<float> statistic, ArrayView<float> outputsGrad, int i, float weight)
        where TVector : struct, IVector<TVector>
    {
        (int start, int count) = Part<TVector>(outputs, i);
        TVector a = TVector.LoadPart(outputs, start, count, 0f), x = TVector.LoadPart(statistic, start, count, 0f);
        TVector slope = (x * Elementary.Sigmoid(TVector.Fill(0f) - a)) - (TVector.Fill(totalCount) * Elementary.Sigmoid(a));
        TVector.StorePart(TVector.Fill(weight) * slope, outputsGrad, start, count);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector LogNormaliser<TVector>(ArrayView<float> outputs, ArrayView<float> natural, int i)
        where TVector : struct, IVector<TVector>
    {
        (int start, int count) = Part<TVector>(outputs, i);
        TVector a = TVector.LoadPart(outputs, start, count, 0f), none = TVector.Fill(0f);
        TVector.StorePart(none - Elementary.Softplus(none - a), natural, start, count);
        return TVector.Part(TVector.Fill(totalCount) * Elementary.Softplus(a), count);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void INaturalForm.Gradient<TVector>(ArrayView<float> outputs, ArrayView<float> naturalGrad, ArrayView<float> outputsGrad, int i, float weight)
    {
        (int start, int count) = Part<TVector>(outputs, i);
        TVector a = TVector.LoadPart(outputs, start, count, 0f), eta = TVector.LoadPart(naturalGrad, start, count, 0f);
        TVector slope = (eta * Elementary.Sigmoid(TVector.Fill(0f) - a)) - (TVector.Fill(weight * totalCount) * Elementary.Sigmoid(a));
        TVector.StorePart(slope, outputsGrad, start, count);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector LogBaseMeasure<TVector>(TVector x)
        where TVector : struct, IVector<TVector> => CountCoefficients.LogMultisets(x, totalCount, logTotalCount, shift);

    private static (int Start, int Count) Part<TVector>(ArrayView<float> outputs, int i)
        where TVector : struct, IVector<TVector> => (i * TVector.Width, (int)outputs.Length - (i * TVector.Width));
}
