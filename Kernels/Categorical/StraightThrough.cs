using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>How a hard sample's gradient passes to the logits; the value is the one kernels see.</summary>
public enum StraightThroughRule
{
    /// <summary>As if the sample were softmax(l / t): J(softmax(l / t))^T g / t (Bengio, Leonard, Courville 2013). Exact for losses linear in the code.</summary>
    Plain = 0,

    /// <summary>
    /// 2 J((softmax(l / t) + z) / 2)^T g - 1/2 J(softmax(l))^T g, second-order accurate at t = 1: exact for losses quadratic in the code (Liu et al., "Bridging
    /// discrete and backpropagation: straight-through and beyond", NeurIPS 2023, algorithm 2).
    /// </summary>
    ReinMax = 1,
}

/// <summary>Straight-through pull-backs of one hard sample. J(p)^T g = p (g - sum(p g)) is the softmax's Jacobian at p.</summary>
public static class StraightThrough
{
    /// <summary>Records logitsGrad += the rule's pull-back of codesGrad g, all [R, K]; the temperature is the step's.</summary>
    public static void Backward(LaunchList list, StraightThroughRule rule, ArrayView<StepState> state, Matrix logits, Matrix codes, Matrix codesGrad, Matrix logitsGrad)
    {
        (int rows, int k) = (logits.Rows, logits.Columns);
        codes.Require(rows, k, nameof(codes));
        codesGrad.Require(rows, k, nameof(codesGrad));
        logitsGrad.Require(rows, k, nameof(logitsGrad));
        list.Rows(
            "straight-through.backward",
            rows,
            k,
            new Rows<OneLane>(state, logits.View, codes.View, codesGrad.View, logitsGrad.View, k, rule),
            new Rows<OneGroup>(state, logits.View, codes.View, codesGrad.View, logitsGrad.View, k, rule),
            Cost(rows, k));
    }

    /// <summary>Reads three matrices, reads and writes the fourth; two exponentials and a dozen operations an element.</summary>
    public static KernelCost Cost(int rows, int k) => KernelCost.Floats(5L * rows * k, 14L * rows * k);

    internal readonly struct Rows<TTeam>(
        ArrayView<StepState> state, ArrayView<float> logits, ArrayView<float> codes, ArrayView<float> codesGrad, ArrayView<float> logitsGrad, int k, StraightThroughRule rule) : IRowBody
        where TTeam : struct, ITeam
    {
        public void Row(int row)
        {
            long start = (long)row * k;
            ArrayView<float> l = logits.SubView(start, k);
            ArrayView<float> z = codes.SubView(start, k);
            ArrayView<float> g = codesGrad.SubView(start, k);
            ArrayView<float> grad = logitsGrad.SubView(start, k);
            float inverseTemperature = 1f / state[0].Temperature;
            (float max, float sum) = Softmax.Normaliser<TTeam>(l, k);
            float softSum = 0f;
            for (int i = TTeam.Lane; i < k; i += TTeam.Lanes)
                softSum += Elementary.Exp((l[i] - max) * inverseTemperature);
            float scale = 1f / sum;
            float softScale = 1f / TTeam.Sum(softSum);
            float inner = 0f, middleInner = 0f, softInner = 0f;
            for (int i = TTeam.Lane; i < k; i += TTeam.Lanes)
            {
                float soft = Elementary.Exp((l[i] - max) * inverseTemperature) * softScale;
                inner += Elementary.Exp(l[i] - max) * scale * g[i];
                softInner += soft * g[i];
                middleInner += 0.5f * (soft + z[i]) * g[i];
            }

            inner = TTeam.Sum(inner);
            softInner = TTeam.Sum(softInner);
            middleInner = TTeam.Sum(middleInner);
            for (int i = TTeam.Lane; i < k; i += TTeam.Lanes)
            {
                float soft = Elementary.Exp((l[i] - max) * inverseTemperature) * softScale;
                if (rule == StraightThroughRule.Plain)
                {
                    grad[i] += inverseTemperature * soft * (g[i] - softInner);
                }
                else
                {
                    float p = Elementary.Exp(l[i] - max) * scale;
                    grad[i] += ((soft + z[i]) * (g[i] - middleInner)) - (0.5f * p * (g[i] - inner));
                }
            }
        }
    }
}
