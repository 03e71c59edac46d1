using ILGPU;

namespace IlgpuVae.Kernels;

/// <summary>
/// Bernoulli likelihood from logits a [., D]: log p(x | a) = sum_d x_d a_d - softplus(a_d). T(x) = x in [0, 1]; grey levels count as the probability of a
/// one. Natural parameters are the logits themselves, c = sum_d softplus(a_d). Exact at logits of +-1e4.
/// </summary>
public readonly struct BernoulliLikelihood : IElementLikelihood, INaturalForm
{
    /// <inheritdoc/>
    public float LogLikelihood(ArrayView<float> outputs, ArrayView<float> statistic, int d)
    {
        // x a - softplus(a) loses everything where a is large and x = 1: split softplus so that the large parts meet first.
        float a = outputs[d];
        float x = statistic[d];
        float linear = a > 0f ? (x - 1f) * a : x * a;
        return linear - Elementary.Log1pUnit(Elementary.Exp(a > 0f ? -a : a));
    }

    /// <inheritdoc/>
    public void Gradient(ArrayView<float> outputs, ArrayView<float> statistic, ArrayView<float> outputsGrad, int d, float weight) =>
        outputsGrad[d] = weight * (statistic[d] - Elementary.Sigmoid(outputs[d]));

    /// <inheritdoc/>
    public float LogNormaliser(ArrayView<float> outputs, ArrayView<float> natural, int d)
    {
        natural[d] = outputs[d];
        return Elementary.Softplus(outputs[d]);
    }

    /// <inheritdoc/>
    void INaturalForm.Gradient(ArrayView<float> outputs, ArrayView<float> naturalGrad, ArrayView<float> outputsGrad, int d, float weight) =>
        outputsGrad[d] = naturalGrad[d] - (weight * Elementary.Sigmoid(outputs[d]));
}
