using ILGPU;

namespace IlgpuVae.Kernels;

/// <summary>
/// Gaussian likelihood of D dimensions. The decoder gives means mu [., D], and for a learned variance also rho [., D] behind them, with log-variance
/// v = 8 tanh(rho / 8), which keeps the standard deviation within [0.018, 55]; otherwise v is fixed.
/// <code>log p(x) = -1/2 sum_d (x_d - mu_d)^2 e^-v_d + v_d + log 2 pi</code>
/// T(x) = (x, x^2) [., 2 D]; natural parameters (mu e^-v, -1/2 e^-v); c = 1/2 sum_d mu_d^2 e^-v_d + v_d + log 2 pi.
/// </summary>
/// <param name="dimensions">D.</param>
/// <param name="learned">1 where the decoder gives rho, 0 where the variance is fixed.</param>
/// <param name="fixedLogVariance">v where it is fixed.</param>
public readonly struct GaussianLikelihood(int dimensions, int learned, float fixedLogVariance) : IElementLikelihood, INaturalForm
{
    private const float LogTwoPi = 1.83787707f;
    private const float LargestLogVariance = 8f;

    /// <inheritdoc/>
    public float LogLikelihood(ArrayView<float> outputs, ArrayView<float> statistic, int d)
    {
        float v = LogVariance(outputs, d);
        float difference = statistic[d] - outputs[d];
        return -0.5f * ((difference * difference * Elementary.Exp(-v)) + v + LogTwoPi);
    }

    /// <inheritdoc/>
    public void Gradient(ArrayView<float> outputs, ArrayView<float> statistic, ArrayView<float> outputsGrad, int d, float weight)
    {
        float v = LogVariance(outputs, d);
        float precision = Elementary.Exp(-v);
        float difference = statistic[d] - outputs[d];
        outputsGrad[d] = weight * difference * precision;
        if (learned == 1)
            outputsGrad[dimensions + d] = weight * 0.5f * ((difference * difference * precision) - 1f) * LogVarianceSlope(v);
    }

    /// <inheritdoc/>
    public float LogNormaliser(ArrayView<float> outputs, ArrayView<float> natural, int d)
    {
        float v = LogVariance(outputs, d);
        float precision = Elementary.Exp(-v);
        float mu = outputs[d];
        natural[d] = mu * precision;
        natural[dimensions + d] = -0.5f * precision;
        return 0.5f * ((mu * mu * precision) + v + LogTwoPi);
    }

    /// <inheritdoc/>
    void INaturalForm.Gradient(ArrayView<float> outputs, ArrayView<float> naturalGrad, ArrayView<float> outputsGrad, int d, float weight)
    {
        float v = LogVariance(outputs, d);
        float precision = Elementary.Exp(-v);
        float mu = outputs[d];
        float linear = naturalGrad[d];
        outputsGrad[d] = precision * (linear - (weight * mu));
        if (learned == 1)
        {
            // The sum of w (x - mu)^2 from the sums of w x^2, w x and w.
            float squares = naturalGrad[dimensions + d] - (2f * mu * linear) + (weight * mu * mu);
            outputsGrad[dimensions + d] = 0.5f * ((squares * precision) - weight) * LogVarianceSlope(v);
        }
    }

    private float LogVariance(ArrayView<float> outputs, int d) =>
        learned == 1 ? LargestLogVariance * Elementary.Tanh(outputs[dimensions + d] / LargestLogVariance) : fixedLogVariance;

    private static float LogVarianceSlope(float v) => 1f - (v / LargestLogVariance * (v / LargestLogVariance));
}
