using ILGPU;

namespace IlgpuVae.Kernels;

/// <summary>
/// Categorical likelihood of D dimensions with V levels each, from logits a [., D V]: log p(x | a) = sum_d a_{d, x_d} - logsumexp_v a_{dv}. T(x) is the
/// one-hot form of x, [., D V]; natural parameters are the logits, c = sum_d logsumexp_v a_{dv}.
/// </summary>
/// <param name="levels">V.</param>
public readonly struct CategoricalLikelihood(int levels) : IElementLikelihood, INaturalForm
{
    /// <inheritdoc/>
    public float LogLikelihood(ArrayView<float> outputs, ArrayView<float> statistic, int d)
    {
        ArrayView<float> a = outputs.SubView((long)d * levels, levels);
        ArrayView<float> t = statistic.SubView((long)d * levels, levels);
        (float max, float sum) = Softmax.Normaliser<Runtime.OneLane>(a, levels);
        float logSum = Elementary.Log(sum);
        float total = 0f;
        for (int v = 0; v < levels; v++)
            total += t[v] > 0f ? t[v] * (a[v] - max - logSum) : 0f;
        return total;
    }

    /// <inheritdoc/>
    public void Gradient(ArrayView<float> outputs, ArrayView<float> statistic, ArrayView<float> outputsGrad, int d, float weight)
    {
        ArrayView<float> a = outputs.SubView((long)d * levels, levels);
        (float max, float sum) = Softmax.Normaliser<Runtime.OneLane>(a, levels);
        float scale = 1f / sum;
        for (int v = 0; v < levels; v++)
            outputsGrad[(d * levels) + v] = weight * (statistic[(d * levels) + v] - (Elementary.Exp(a[v] - max) * scale));
    }

    /// <inheritdoc/>
    public float LogNormaliser(ArrayView<float> outputs, ArrayView<float> natural, int d)
    {
        ArrayView<float> a = outputs.SubView((long)d * levels, levels);
        (float max, float sum) = Softmax.Normaliser<Runtime.OneLane>(a, levels);
        for (int v = 0; v < levels; v++)
            natural[(d * levels) + v] = a[v];
        return max + Elementary.Log(sum);
    }

    /// <inheritdoc/>
    void INaturalForm.Gradient(ArrayView<float> outputs, ArrayView<float> naturalGrad, ArrayView<float> outputsGrad, int d, float weight)
    {
        ArrayView<float> a = outputs.SubView((long)d * levels, levels);
        (float max, float sum) = Softmax.Normaliser<Runtime.OneLane>(a, levels);
        float scale = weight / sum;
        for (int v = 0; v < levels; v++)
            outputsGrad[(d * levels) + v] = naturalGrad[(d * levels) + v] - (Elementary.Exp(a[v] - max) * scale);
    }
}
