using System.Runtime.CompilerServices;
using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// The score-function pull-back: for S samples z of each example with advantages a,
/// <code>dL/dl_nk += -scale sum_s a_s (z_snk - q_nk)</code>
/// since d log q(z) / dl_nk = z_nk - q_nk. Unbiased for E[f] when a_s = f(z_s) less anything that does not depend on z_s, with scale = 1 / (B S).
/// </summary>
/// <remarks>R. J. Williams, Machine Learning 8, 1992.</remarks>
public static class ScoreFunction
{
    /// <summary>
    /// Records the pull-back of B S codes, hard or relaxed, rows [example, sample], with advantages [B S, 1], into logitsGrad [B, N K]: added to what it
    /// holds, or in place of it. The logits are [B, N K], or [1, N K] where all examples share them (a prior).
    /// </summary>
    public static void Backward(LaunchList list, Codes codes, Matrix advantages, Matrix logits, Matrix logitsGrad, float scale, bool accumulate = true)
    {
        (int n, int k, int samples) = (codes.Variables, codes.Categories, codes.Rows / logitsGrad.Rows);
        codes.Require(logitsGrad.Rows * samples, n, logits.Columns / n, nameof(codes));
        advantages.Require(codes.Rows, 1, nameof(advantages));
        if (logits.Rows != 1)
            logits.Require(logitsGrad.Rows, logitsGrad.Columns, nameof(logits));
        Kernel kernel = new(codes, advantages, logits, logitsGrad, logitsGrad.Rows * n, samples, logits.Rows * n, accumulate ? 1 : 0, scale);
        list.Rows("score-function", logitsGrad.Rows * n, k, kernel, Cost(codes), RowTraits.Apart);
    }

    /// <summary>Reads the codes once; a multiply-add each.</summary>
    public static KernelCost Cost(Codes codes)
    {
        long elements = (long)codes.Rows * codes.Width;
        return codes.IsHard ? KernelCost.Floats((long)codes.Rows * codes.Variables, elements) : KernelCost.Floats(elements, 2 * elements);
    }

    internal readonly struct Kernel(
        Codes codes, Cells advantages, Cells logits, Cells logitsGrad, int rows, int samples, int logitsRows, int accumulate, float scale) : IRowKernel
    {
        private readonly ArrayView<int> numbers = codes.IsHard ? codes.Numbers : default;
        private readonly Cells weights = codes.IsHard ? default : codes.Weights, advantages = advantages, logits = logits, logitsGrad = logitsGrad;
        private readonly int rows = rows, samples = samples, n = codes.Variables, k = codes.Categories, logitsRows = logitsRows;
        private readonly int accumulate = accumulate;
        private readonly float scale = scale;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row<T>(int unit)
            where T : struct, IRows<T>
        {
            RowPlace at = T.Place(unit, rows, k);
            RowSlice row = T.Slice(at, k), logitsRow = T.Slice(at.Within(logitsRows), k);
            Softmax.Exponentials(logits, logitsRow, k, logits, keeps: false, out T max, out T sum, out _);
            T total = T.Fill(0f), weight = T.Fill(scale);
            for (int s = 0; s < samples; s++)
                total += T.LoadByRow(advantages, Sample(at, s), k);
            T expected = total * T.ReciprocalByRow(sum);
            for (int i = T.First; i < k; i += T.Step)
            {
                T chosen = T.Fill(0f), gradient = chosen;
                for (int s = 0; s < samples; s++)
                {
                    T advantage = T.LoadByRow(advantages, Sample(at, s), k);
                    if (numbers.Length > 0)
                        chosen += T.WhereEqual(T.CountFrom(i, k), T.LoadByRow(numbers, Code(at, s), k), advantage, T.Fill(0f));
                    else
                        chosen = T.MultiplyAdd(T.Load(weights, T.Slice(Code(at, s), k), i, 0f), advantage, chosen);
                }

                if (accumulate == 1)
                    gradient = T.Load(logitsGrad, row, i, 0f);
                gradient -= weight * (chosen - (expected * T.Exp(T.Load(logits, logitsRow, i, 0f) - max)));
                T.Store(gradient, logitsGrad, row, i);
            }
        }

        // Rows of logits are [example, variable], rows of codes [example, sample, variable], advantages [example, sample].
        private RowPlace Sample(RowPlace at, int s) => new((at.First / n * samples) + s, (at.Second / n * samples) + s, at.Count);

        private RowPlace Code(RowPlace at, int s) => new(Code(at.First, s), Code(at.Second, s), at.Count);

        private int Code(int row, int s) => (((row / n * samples) + s) * n) + (row % n);
    }
}
