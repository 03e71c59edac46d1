using System.Runtime.CompilerServices;
using ILGPU;

namespace IlgpuVae.Kernels;

/// <summary>
/// Gaussian likelihood of D dimensions. The decoder gives means mu [., D], and for a learned variance also rho [., D] behind them, with log-variance
/// v = 8 tanh(rho / 8), which keeps the standard deviation within [0.018, 55]; otherwise v is fixed.
/// <code>log p(x) = -1/2 sum_d (x_d - mu_d)^2 e^-v_d + v_d + log 2 pi</code>
/// In natural form x and mu are measured from a centre m, y = x - m and nu = mu - m, which changes no likelihood: T(x) = (y, y^2) [., 2 D]; natural parameters
/// (nu e^-v, -1/2 e^-v); c = 1/2 sum_d nu_d^2 e^-v_d + v_d + log 2 pi. The terms of T . eta - c are as large as (y / sigma)^2 and mostly cancel: with m among
/// the data
/// they are no larger than the data are wide, and for data around 2021 measured from 0 nothing would be left of float32's digits.
/// </summary>
/// <param name="dimensions">D.</param>
/// <param name="learned">1 where the decoder gives rho, 0 where the variance is fixed.</param>
/// <param name="fixedLogVariance">v where it is fixed.</param>
/// <param name="centre">m [D]; nothing for 0.</param>
internal readonly struct GaussianLikelihood(
    int dimensions, int learned, float fixedLogVariance, ArrayView<float> centre = default) : IElementLikelihood, INaturalForm
{
    private const float LogTwoPi = 1.83787707f;
    private const float LargestLogVariance = 8f;

    /// <summary>v of the rho that the decoder gives, on the host.</summary>
    internal static float LogVarianceOf(float rho) => LargestLogVariance * MathF.Tanh(rho / LargestLogVariance);

    /// <summary>The rho that gives a standard deviation, on the host; of one that is too small or large to be given the nearest that trains well.</summary>
    internal static float RhoOf(float deviation)
    {
        // Where the hyperbolic tangent is flat nothing is learned.
        const float steepest = 0.9f;
        float share = Math.Clamp(2f * MathF.Log(deviation) / LargestLogVariance, -steepest, steepest);
        return LargestLogVariance * MathF.Atanh(share);
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
        (int start, int count) = Part<TVector>(i);
        TVector v = LogVariance<TVector>(outputs, start, count);
        TVector difference = TVector.LoadPart(statistic, start, count, 0f) - TVector.LoadPart(outputs, start, count, 0f);
        return TVector.Part(TVector.Fill(-0.5f) * ((difference * difference * Precision(v)) + v + TVector.Fill(LogTwoPi)), count);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Gradient<TVector>(ArrayView<float> outputs, ArrayView<float> statistic, ArrayView<float> outputsGrad, int i, float weight)
        where TVector : struct, IVector<TVector>
    {
        (int start, int count) = Part<TVector>(i);
        TVector v = LogVariance<TVector>(outputs, start, count), precision = Precision(v);
        TVector difference = TVector.LoadPart(statistic, start, count, 0f) - TVector.LoadPart(outputs, start, count, 0f);
        TVector.StorePart(TVector.Fill(weight) * difference * precision, outputsGrad, start, count);
        if (learned == 1)
        {
            TVector slope = TVector.Fill(weight * 0.5f) * ((difference * difference * precision) - TVector.Fill(1f)) * LogVarianceSlope(v);
            TVector.StorePart(slope, outputsGrad, dimensions + start, count);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector LogNormaliser<TVector>(ArrayView<float> outputs, ArrayView<float> natural, int i)
        where TVector : struct, IVector<TVector>
    {
        (int start, int count) = Part<TVector>(i);
        TVector v = LogVariance<TVector>(outputs, start, count), precision = Precision(v), nu = CentredMean<TVector>(outputs, start, count);
        TVector.StorePart(nu * precision, natural, start, count);
        TVector.StorePart(TVector.Fill(-0.5f) * precision, natural, dimensions + start, count);
        return TVector.Part(TVector.Fill(0.5f) * ((nu * nu * precision) + v + TVector.Fill(LogTwoPi)), count);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void INaturalForm.Gradient<TVector>(ArrayView<float> outputs, ArrayView<float> naturalGrad, ArrayView<float> outputsGrad, int i, float weight)
    {
        (int start, int count) = Part<TVector>(i);
        TVector v = LogVariance<TVector>(outputs, start, count), precision = Precision(v), nu = CentredMean<TVector>(outputs, start, count);
        TVector linear = TVector.LoadPart(naturalGrad, start, count, 0f), weights = TVector.Fill(weight);
        TVector.StorePart(precision * (linear - (weights * nu)), outputsGrad, start, count);
        if (learned == 1)
        {
            // The sum of w (x - mu)^2 from the sums of w y^2, w y and w.
            TVector squares = TVector.LoadPart(naturalGrad, dimensions + start, count, 0f) - (TVector.Fill(2f) * nu * linear) + (weights * nu * nu);
            TVector.StorePart(TVector.Fill(0.5f) * ((squares * precision) - weights) * LogVarianceSlope(v), outputsGrad, dimensions + start, count);
        }
    }

    private (int Start, int Count) Part<TVector>(int i)
        where TVector : struct, IVector<TVector> => (i * TVector.Width, dimensions - (i * TVector.Width));

    private TVector CentredMean<TVector>(ArrayView<float> outputs, int start, int count)
        where TVector : struct, IVector<TVector>
    {
        TVector mean = TVector.LoadPart(outputs, start, count, 0f);
        if (centre.Length > 0)
            mean -= TVector.LoadPart(centre, start, count, 0f);
        return mean;
    }

    private TVector LogVariance<TVector>(ArrayView<float> outputs, int start, int count)
        where TVector : struct, IVector<TVector>
    {
        TVector v = TVector.Fill(fixedLogVariance);
        if (learned == 1)
            v = TVector.Fill(LargestLogVariance) * Elementary.Tanh(
                TVector.LoadPart(outputs, dimensions + start, count, 0f) * TVector.Fill(1f / LargestLogVariance));
        return v;
    }

    private static TVector Precision<TVector>(TVector v)
        where TVector : struct, IVector<TVector> => Elementary.Exp(TVector.Fill(0f) - v);

    private static TVector LogVarianceSlope<TVector>(TVector v)
        where TVector : struct, IVector<TVector>
    {
        TVector share = v * TVector.Fill(1f / LargestLogVariance);
        return TVector.Fill(1f) - (share * share);
    }
}
