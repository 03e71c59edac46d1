using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// Mixes a posterior with the uniform distribution: for q = softmax(l) of K categories
/// <code>
/// log q'_k = log((1 - eps) q_k + eps / K)
/// dL/dl_k = s_k g_k - q_k sum_j s_j g_j      with g = dL/d log q' and s_k = (1 - eps) q_k / q'_k
/// </code>
/// No category falls below eps / K, so that none is ever lost and no logit runs away. log q' is normalised: its softmax is q'.
/// </summary>
public static class UniformMix
{
    /// <summary>The variant that rows of <paramref name="k"/> categories get.</summary>
    public static RowVariant VariantFor(ComputeDevice device, int k) => LaunchListExtensions.RowVariantFor(device, k);

    /// <summary>Records logMixed from logits, both [R, K]; in place is allowed.</summary>
    public static void Forward(LaunchList list, Matrix logits, Matrix logMixed, float share)
    {
        (int rows, int k) = (logits.Rows, logits.Columns);
        logMixed.Require(rows, k, nameof(logMixed));
        list.Rows(
            "uniform-mix.forward",
            rows,
            k,
            new ForwardRows<OneLane>(logits.View, logMixed.View, k, share),
            new ForwardRows<OneGroup>(logits.View, logMixed.View, k, share),
            Cost(rows, k));
    }

    /// <summary>Records logitsGrad from the logits and dL/d log q', all [R, K]; logitsGrad may be logMixedGrad.</summary>
    public static void Backward(LaunchList list, Matrix logits, Matrix logMixedGrad, Matrix logitsGrad, float share)
    {
        (int rows, int k) = (logits.Rows, logits.Columns);
        logMixedGrad.Require(rows, k, nameof(logMixedGrad));
        logitsGrad.Require(rows, k, nameof(logitsGrad));
        KernelCost cost = KernelCost.Floats(3L * rows * k, 10L * rows * k);
        list.Rows(
            "uniform-mix.backward",
            rows,
            k,
            new BackwardRows<OneLane>(logits.View, logMixedGrad.View, logitsGrad.View, k, share),
            new BackwardRows<OneGroup>(logits.View, logMixedGrad.View, logitsGrad.View, k, share),
            cost);
    }

    /// <summary>Reads and writes each element once; an exponential, a logarithm and five more operations each.</summary>
    public static KernelCost Cost(int rows, int k) => KernelCost.Floats(2L * rows * k, 7L * rows * k);

    internal readonly struct ForwardRows<TTeam>(ArrayView<float> logits, ArrayView<float> logMixed, int k, float share) : IRowBody
        where TTeam : struct, ITeam
    {
        public void Row(int row)
        {
            ArrayView<float> l = logits.SubView((long)row * k, k);
            (float max, float sum) = Softmax.Normaliser<TTeam>(l, k);
            float kept = (1f - share) / sum;
            float added = share / k;
            ArrayView<float> target = logMixed.SubView((long)row * k, k);
            for (int i = TTeam.Lane; i < k; i += TTeam.Lanes)
                target[i] = Elementary.Log((kept * Elementary.Exp(l[i] - max)) + added);
        }
    }

    internal readonly struct BackwardRows<TTeam>(ArrayView<float> logits, ArrayView<float> logMixedGrad, ArrayView<float> logitsGrad, int k, float share) : IRowBody
        where TTeam : struct, ITeam
    {
        public void Row(int row)
        {
            ArrayView<float> l = logits.SubView((long)row * k, k);
            ArrayView<float> g = logMixedGrad.SubView((long)row * k, k);
            (float max, float sum) = Softmax.Normaliser<TTeam>(l, k);
            float reciprocal = 1f / sum;
            float added = share / k;
            float total = 0f;
            for (int i = TTeam.Lane; i < k; i += TTeam.Lanes)
            {
                float kept = (1f - share) * Elementary.Exp(l[i] - max) * reciprocal;
                total += kept / (kept + added) * g[i];
            }

            total = TTeam.Sum(total);
            ArrayView<float> target = logitsGrad.SubView((long)row * k, k);
            for (int i = TTeam.Lane; i < k; i += TTeam.Lanes)
            {
                float q = Elementary.Exp(l[i] - max) * reciprocal;
                float kept = (1f - share) * q;
                target[i] = (kept / (kept + added) * g[i]) - (q * total);
            }
        }
    }
}
