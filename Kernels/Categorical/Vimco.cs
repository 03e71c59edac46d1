using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>What stands in for a sample's own weight in its leave-one-out signal; the value is the one kernels see.</summary>
public enum VimcoMean
{
    /// <summary>The arithmetic mean of the other weights.</summary>
    Arithmetic = 0,

    /// <summary>Their geometric mean.</summary>
    Geometric = 1,
}

/// <summary>
/// VIMCO's signals for the bound L = log (1 / S) sum_s w_s: with log w_s, normalised weights v_s = w_s / sum w, and L_-s the bound with w_s replaced by a mean
/// of the others, the gradient with respect to the posterior's logits is sum_s (L - L_-s - v_s) d log q(z_s), and the model's is sum_s v_s d log p(x, z_s).
/// </summary>
/// <remarks>A. Mnih, D. J. Rezende, "Variational inference for Monte Carlo objectives", ICML 2016, equations 5 to 9.</remarks>
internal static class Vimco
{
    /// <summary>
    /// Records, from logWeights [B S, 1]: bound [B, 1], signals a_s = L - L_-s - v_s [B S, 1], and rowWeights [B S, 1] = -scale v_s, the loss's gradient with
    /// respect to log p(x, z_s).
    /// </summary>
    public static void Record(LaunchList list, Matrix logWeights, Matrix bound, Matrix signals, Matrix rowWeights, VimcoMean mean, float scale)
    {
        int samples = logWeights.Rows / bound.Rows;
        if (samples < 2 || samples * bound.Rows != logWeights.Rows)
            throw new ArgumentException($"{logWeights.Rows} weights are no whole number of at least 2 samples for {bound.Rows} examples.", nameof(logWeights));
        signals.Require(logWeights.Rows, 1, nameof(signals));
        rowWeights.Require(logWeights.Rows, 1, nameof(rowWeights));
        list.RowPerLane(
            "vimco", bound.Rows, new Rows(logWeights.View, bound.View, signals.View, rowWeights.View, samples, mean, scale), Cost(logWeights.Rows, samples));
    }

    /// <summary>Reads the weights and writes both signals; for each sample a logsumexp over the others.</summary>
    public static KernelCost Cost(int rows, int samples) => KernelCost.Floats(3L * rows, 3L * rows * samples);

    internal readonly struct Rows(
        ArrayView<float> logWeights, ArrayView<float> bound, ArrayView<float> signals, ArrayView<float> rowWeights, int samples, VimcoMean mean,
            float scale) : IRowBody
    {
        public void Row(int row)
        {
            ArrayView<float> w = logWeights.SubView((long)row * samples, samples);
            float max = w[0];
            float sumOfLogs = 0f;
            for (int s = 0; s < samples; s++)
            {
                max = Elementary.Max(max, w[s]);
                sumOfLogs += w[s];
            }

            float total = 0f, excess = 0f;
            for (int s = 0; s < samples; s++)
                CompensatedSum.Add(ref total, ref excess, Elementary.Exp(w[s] - max));
            float logTotal = max + Elementary.Log(total);
            bound[row] = logTotal - Elementary.Log(samples);
            for (int s = 0; s < samples; s++)
            {
                float othersMax = float.NegativeInfinity;
                for (int j = 0; j < samples; j++)
                    othersMax = j == s ? othersMax : Elementary.Max(othersMax, w[j]);
                float others = 0f, othersExcess = 0f;
                for (int j = 0; j < samples; j++)
                    CompensatedSum.Add(ref others, ref othersExcess, j == s ? 0f : Elementary.Exp(w[j] - othersMax));
                float logOthers = othersMax + Elementary.Log(others);

                // With the arithmetic mean of the others the sum becomes S / (S - 1) of theirs.
                float logWithout = logOthers + Elementary.Log(samples / (samples - 1f));
                if (mean == VimcoMean.Geometric)
                {
                    float standIn = (sumOfLogs - w[s]) / (samples - 1);
                    float larger = Elementary.Max(standIn, logOthers);
                    logWithout = larger + Elementary.Log(Elementary.Exp(standIn - larger) + Elementary.Exp(logOthers - larger));
                }

                float normalised = Elementary.Exp(w[s] - logTotal);
                signals[(row * samples) + s] = logTotal - logWithout - normalised;
                rowWeights[(row * samples) + s] = -scale * normalised;
            }
        }
    }
}
