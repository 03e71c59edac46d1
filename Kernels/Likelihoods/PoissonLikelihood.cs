using System.Runtime.CompilerServices;
using ILGPU;

namespace IlgpuVae.Kernels;

/// <summary>
/// Poisson likelihood of counts from log-rates a [., D]: log p(x | a) = sum_d x_d a_d - e^a_d - log x_d!. T(x) = x; natural parameters are the log-rates,
/// c = sum_d e^a_d; log h(x) = -sum_d log x_d!. The rate is not bounded: beyond a = 88.37 it is infinite in float32, and so is the loss.
/// </summary>
internal readonly struct PoissonLikelihood : IElementLikelihood, INaturalForm, IBaseMeasure
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
        (int start, int count) = Part<TVector>(outputs, i);
        TVector a = TVector.LoadPart(outputs, start, count, 0f);
        return TVector.Part((TVector.LoadPart(statistic, start, count, 0f) * a) - Elementary.Exp(a), count);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Gradient<TVector>(ArrayView<float> outputs, ArrayView<float> statistic, ArrayView<float> outputsGrad, int i, float weight)
        where TVector : struct, IVector<TVector>
    {
        (int start, int count) = Part<TVector>(outputs, i);
        TVector rate = Elementary.Exp(TVector.LoadPart(outputs, start, count, 0f));
        TVector.StorePart(TVector.Fill(weight) * (TVector.LoadPart(statistic, start, count, 0f) - rate), outputsGrad, start, count);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector LogNormaliser<TVector>(ArrayView<float> outputs, ArrayView<float> natural, int i)
        where TVector : struct, IVector<TVector>
    {
        (int start, int count) = Part<TVector>(outputs, i);
        TVector a = TVector.LoadPart(outputs, start, count, 0f);
        TVector.StorePart(a, natural, start, count);
        return TVector.Part(Elementary.Exp(a), count);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void INaturalForm.Gradient<TVector>(ArrayView<float> outputs, ArrayView<float> naturalGrad, ArrayView<float> outputsGrad, int i, float weight)
    {
        (int start, int count) = Part<TVector>(outputs, i);
        TVector rate = Elementary.Exp(TVector.LoadPart(outputs, start, count, 0f));
        TVector.StorePart(TVector.LoadPart(naturalGrad, start, count, 0f) - (TVector.Fill(weight) * rate), outputsGrad, start, count);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector LogBaseMeasure<TVector>(TVector x)
        where TVector : struct, IVector<TVector> => TVector.Fill(0f) - CountCoefficients.LogFactorial(x);

    private static (int Start, int Count) Part<TVector>(ArrayView<float> outputs, int i)
        where TVector : struct, IVector<TVector> => (i * TVector.Width, (int)outputs.Length - (i * TVector.Width));
}
