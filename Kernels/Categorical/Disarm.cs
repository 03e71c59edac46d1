using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// DisARM for binary variables (K = 2) with logit phi = l_1 - l_0: a pair of antithetic samples b = 1[u &lt; s(phi)] and b' = 1[1 - u &lt; s(phi)] from one
/// uniform u, and, for both evaluated,
/// <code>dE[f]/dphi_n = 1/2 (f(b) - f(b')) (-1)^(b'_n) 1[b_n != b'_n] s(|phi_n|)</code>
/// Unbiased.
/// </summary>
/// <remarks>Z. Dong, A. Mnih, G. Tucker, "DisARM: an antithetic gradient estimator for binary latent variables", NeurIPS 2020, equation 9.</remarks>
internal static class Disarm
{
    /// <summary>Records 2 B hard codes from logits [B, 2 N]: rows [example, (b, b')].</summary>
    public static void Sample(LaunchList list, ArrayView<StepState> state, Matrix logits, Codes codes, ulong seed)
    {
        int n = logits.Columns / 2;
        codes.Require(2 * logits.Rows, n, 2, nameof(codes));
        list.Matrix("disarm.sample", logits.Rows, n, new SampleBody(state, logits.View, codes.Numbers, n, seed), Cost(logits));
    }

    /// <summary>Records logitsGrad [B, 2 N] -= scale dE/dl from the pair's log-likelihoods [2 B, 1].</summary>
    public static void Backward(LaunchList list, Codes codes, Matrix logLikelihood, Matrix logits, Matrix logitsGrad, float scale)
    {
        int n = logits.Columns / 2;
        codes.Require(2 * logits.Rows, n, 2, nameof(codes));
        logLikelihood.Require(2 * logits.Rows, 1, nameof(logLikelihood));
        list.Matrix(
            "disarm.backward", logits.Rows, n, new BackwardBody(codes.Numbers, logLikelihood.View, logits.View, logitsGrad.View, n, scale), Cost(logits));
    }

    /// <summary>Reads the logits and writes or reads two codes.</summary>
    public static KernelCost Cost(Matrix logits) => KernelCost.Floats(3 * logits.Length, 6 * logits.Length);

    internal readonly struct SampleBody(ArrayView<StepState> state, ArrayView<float> logits, ArrayView<int> numbers, int n, ulong seed) : IMatrixBody
    {
        public void At(int row, int column, int i)
        {
            Philox4 words = Philox.Generate((uint)column, (uint)row, (uint)state[0].Step, (uint)Randomness.Codes, seed);
            float u = Philox.Uniform(words.X);
            float probability = Elementary.Sigmoid(logits[(2 * i) + 1] - logits[2 * i]);
            numbers[(2L * row * n) + column] = u < probability ? 1 : 0;
            numbers[(((2L * row) + 1) * n) + column] = 1f - u < probability ? 1 : 0;
        }
    }

    internal readonly struct BackwardBody(
        ArrayView<int> numbers, ArrayView<float> f, ArrayView<float> logits, ArrayView<float> logitsGrad, int n, float scale) : IMatrixBody
    {
        public void At(int row, int column, int i)
        {
            int first = numbers[(2L * row * n) + column], second = numbers[(((2L * row) + 1) * n) + column];
            float phi = logits[(2 * i) + 1] - logits[2 * i];
            float slope = first == second ? 0f : (first - second) * Elementary.Sigmoid(phi < 0f ? -phi : phi);
            float gradient = first == second ? 0f : 0.5f * (f[2 * row] - f[(2 * row) + 1]) * slope;
            logitsGrad[(2 * i) + 1] -= scale * gradient;
            logitsGrad[2 * i] += scale * gradient;
        }
    }
}
