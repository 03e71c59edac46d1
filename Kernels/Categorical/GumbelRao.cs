using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// The Gumbel-Rao pull-back of one hard sample z: the straight-through Gumbel-Softmax pull-back averaged over M draws of the Gumbel noise given that z won,
/// <code>dL/dl += (1 / M) sum_m (1 / t) y_m (g - sum(y_m g)),   y_m = softmax(G_m / t),   G_m = (l + noise) given argmax = z</code>
/// Its expectation is that of st-gumbel-softmax, its variance smaller. No gradient flows through the conditional noise.
/// </summary>
/// <remarks>M. B. Paulus, C. J. Maddison, A. Krause, ICLR 2021, equation 9.</remarks>
public static class GumbelRao
{
    /// <summary>Records the pull-back of codesGrad g for one-hot codes, all [R, K]; perturbed [R, K] is scratch.</summary>
    public static void Backward(
        LaunchList list, ArrayView<StepState> state, Matrix logits, Matrix codes, Matrix codesGrad, Matrix logitsGrad, Matrix perturbed, int draws, ulong seed)
    {
        (int rows, int k) = (logits.Rows, logits.Columns);
        perturbed.Require(rows, k, nameof(perturbed));
        logitsGrad.Require(rows, k, nameof(logitsGrad));
        list.RowPerLane(
            "gumbel-rao.backward",
            rows,
            new Rows(state, logits.View, codes.View, codesGrad.View, logitsGrad.View, perturbed.View, k, draws, seed),
            Cost(rows, k, draws));
    }

    /// <summary>Reads three matrices and updates the fourth; three logarithms and an exponential an element and draw.</summary>
    public static KernelCost Cost(int rows, int k, int draws) => KernelCost.Floats(5L * rows * k, 14L * rows * k * draws);

    internal readonly struct Rows(
        ArrayView<StepState> state, ArrayView<float> logits, ArrayView<float> codes, ArrayView<float> codesGrad, ArrayView<float> logitsGrad, ArrayView<float> perturbed, int k, int draws, ulong seed)
        : IRowBody
    {
        public void Row(int row)
        {
            long start = (long)row * k;
            ArrayView<float> l = logits.SubView(start, k);
            ArrayView<float> z = codes.SubView(start, k);
            ArrayView<float> g = codesGrad.SubView(start, k);
            ArrayView<float> grad = logitsGrad.SubView(start, k);
            ArrayView<float> y = perturbed.SubView(start, k);
            float inverseTemperature = 1f / state[0].Temperature;
            int step = state[0].Step;
            (float max, float sum) = Softmax.Normaliser<OneLane>(l, k);
            float logSumExp = max + Elementary.Log(sum);
            int blocks = (k + 3) / 4;
            for (int draw = 0; draw < draws; draw++)
            {
                // The winner's own number comes first; every draw has blocks of its own.
                Philox4 first = GumbelNoise.Block(seed, Randomness.ConditionalCodes, step, row, (draw * (blocks + 1)) + blocks);
                float top = ConditionalGumbel.Winner(logSumExp, Philox.Uniform(first.X));
                float total = 0f;
                for (int block = 0; block < blocks; block++)
                {
                    Philox4 words = GumbelNoise.Block(seed, Randomness.ConditionalCodes, step, row, (draw * (blocks + 1)) + block);
                    int count = IntrinsicMath.Min(4, k - (block * 4));
                    for (int j = 0; j < count; j++)
                    {
                        int i = (block * 4) + j;

                        // Asked of the code itself: of a winner found beforehand ILGPU thinks that all lanes have the same (see PTX-TRAPS.md).
                        float value = z[i] > 0f ? top : ConditionalGumbel.Other(l[i], Philox.Uniform(Philox.Word(words, j)), top);
                        float e = Elementary.Exp((value - top) * inverseTemperature);
                        y[i] = e;
                        total += e;
                    }
                }

                float scale = 1f / total;
                float inner = 0f;
                for (int i = 0; i < k; i++)
                    inner += y[i] * scale * g[i];
                for (int i = 0; i < k; i++)
                    grad[i] += inverseTemperature * y[i] * scale * (g[i] - inner) / draws;
            }
        }
    }
}
