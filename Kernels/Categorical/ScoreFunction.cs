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
        VectorRows.Record(list.Device, logitsGrad.Rows * n, k, new Launch(list, codes, advantages, logits, logitsGrad, samples, n, accumulate ? 1 : 0, scale));
    }

    /// <summary>Reads the codes once; a multiply-add each.</summary>
    public static KernelCost Cost(Matrix codes) => KernelCost.Floats(codes.Length, 2 * codes.Length);

    private readonly struct Launch(LaunchList list, Matrix codes, Matrix advantages, Matrix logits, Matrix logitsGrad, int samples, int n, int accumulate, float scale) : IRowLaunch
    {
        public void Record<TTeam, TVector>()
            where TTeam : struct, ITeam
            where TVector : struct, IVector<TVector>
        {
            int k = logits.Columns / n;
            Rows<TTeam, TVector> body = new(codes.View, advantages.View, logits.View, logitsGrad.View, samples, n, k, logits.Rows * n, accumulate, scale);
            list.Rows<TTeam, Rows<TTeam, TVector>>("score-function", logitsGrad.Rows * n, VectorRows.Count<TVector>(k), body, Cost(codes));
        }
    }

    internal readonly struct Rows<TTeam, TVector>(
        ArrayView<float> codes, ArrayView<float> advantages, ArrayView<float> logits, ArrayView<float> logitsGrad, int samples, int n, int k, int logitsRows, int accumulate, float scale) : IRowBody
        where TTeam : struct, ITeam
        where TVector : struct, IVector<TVector>
    {
        public void Row(int row)
        {
            int example = row / n;
            int variable = row % n;
            ArrayView<float> l = logits.SubView((long)(row % logitsRows) * k, k);
            ArrayView<float> grad = logitsGrad.SubView((long)row * k, k);
            (float max, float sum) = Softmax.Normaliser<TTeam, TVector>(l, k);
            float total = 0f;
            for (int s = 0; s < samples; s++)
                total += advantages[(example * samples) + s];
            TVector shift = TVector.Fill(max), expected = TVector.Fill(total / sum), weight = TVector.Fill(scale);
            for (int i = TTeam.Lane * TVector.Width; i < k; i += TTeam.Lanes * TVector.Width)
            {
                TVector chosen = TVector.Fill(0f), gradient = chosen;
                for (int s = 0; s < samples; s++)
                {
                    int sample = (example * samples) + s;
                    ArrayView<float> code = codes.SubView((((long)sample * n) + variable) * k, k);
                    chosen = TVector.MultiplyAdd(TVector.LoadPart(code, i, k - i, 0f), TVector.Fill(advantages[sample]), chosen);
                }

                if (accumulate == 1)
                    gradient = TVector.LoadPart(grad, i, k - i, 0f);
                gradient -= weight * (chosen - (expected * Elementary.Exp(TVector.LoadPart(l, i, k - i, 0f) - shift)));
                TVector.StorePart(gradient, grad, i, k - i);
            }
        }
    }
}
