using System.Runtime.CompilerServices;
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
    /// Records the pull-back of codes [B S, N K], rows [example, sample], with advantages [B S, 1], into logitsGrad [B, N K]: added to what it holds, or in place of it.
    /// The logits are [B, N K], or [1, N K] where all examples share them (a prior).
    /// </summary>
    public static void Backward(LaunchList list, Matrix codes, Matrix advantages, Matrix logits, Matrix logitsGrad, int n, float scale, bool accumulate = true)
    {
        int k = logits.Columns / n;
        int samples = codes.Rows / logitsGrad.Rows;
        codes.Require(logitsGrad.Rows * samples, logits.Columns, nameof(codes));
        advantages.Require(codes.Rows, 1, nameof(advantages));
        if (logits.Rows != 1)
            logits.Require(logitsGrad.Rows, logitsGrad.Columns, nameof(logits));
        Kernel kernel = new(codes, advantages, logits, logitsGrad, logitsGrad.Rows * n, samples, n, k, logits.Rows * n, accumulate ? 1 : 0, scale);
        list.Rows("score-function", logitsGrad.Rows * n, k, kernel, Cost(codes), RowTraits.Apart);
    }

    /// <summary>Reads the codes once; a multiply-add each.</summary>
    public static KernelCost Cost(Matrix codes) => KernelCost.Floats(codes.Length, 2 * codes.Length);

    internal readonly struct Kernel(
        Cells codes, Cells advantages, Cells logits, Cells logitsGrad, int rows, int samples, int n, int k, int logitsRows, int accumulate, float scale) : IRowKernel
    {
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
                    chosen = T.MultiplyAdd(T.Load(codes, T.Slice(Code(at, s), k), i, 0f), T.LoadByRow(advantages, Sample(at, s), k), chosen);
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
