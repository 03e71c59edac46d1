using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// The exact log-likelihood log p(x) = log sum_s p(s) p(x | s), nats, from the joint log-prior and the table of log-likelihoods. Not to be confused
/// with the expected reconstruction sum_s q(s) log p(x | s), a term of the ELBO.
/// </summary>
public static class LogMarginal
{
    /// <summary>Records result [B, 1] from logLikelihoods F [B, S] and logPrior [P, S], P a divisor of B: row b uses prior row b mod P.</summary>
    public static void Record(LaunchList list, Matrix logLikelihoods, Matrix logPrior, Matrix result)
    {
        (int rows, int s) = (logLikelihoods.Rows, logLikelihoods.Columns);
        result.Require(rows, 1, nameof(result));
        if (logPrior.Columns != s || rows % logPrior.Rows != 0)
            throw new ArgumentException($"logPrior is [{logPrior.Rows}, {logPrior.Columns}] but F is [{rows}, {s}].", nameof(logPrior));
        list.Rows(
            "log-marginal",
            rows,
            s,
            new Rows<OneLane>(logLikelihoods.View, logPrior.View, result.View, logPrior.Rows, s),
            new Rows<OneGroup>(logLikelihoods.View, logPrior.View, result.View, logPrior.Rows, s),
            Cost(rows, s));
    }

    /// <summary>Reads F once; an exponential and three more operations an element.</summary>
    public static KernelCost Cost(int rows, int codes) => KernelCost.Floats((long)rows * codes, 4L * rows * codes);

    internal readonly struct Rows<TTeam>(ArrayView<float> logLikelihoods, ArrayView<float> logPrior, ArrayView<float> result, int priorRows, int s) : IRowBody
        where TTeam : struct, ILaneOrGroup
    {
        public void Row(int row)
        {
            ArrayView<float> f = logLikelihoods.SubView((long)row * s, s);
            ArrayView<float> p = logPrior.SubView((long)(row % priorRows) * s, s);
            float max = float.NegativeInfinity;
            for (int i = TTeam.Lane; i < s; i += TTeam.Lanes)
                max = Elementary.Max(max, f[i] + p[i]);
            max = TTeam.Max(max);
            float sum = 0f;
            for (int i = TTeam.Lane; i < s; i += TTeam.Lanes)
                sum += Elementary.Exp(f[i] + p[i] - max);
            sum = TTeam.Sum(sum);
            if (TTeam.Lane == 0)
                result[row] = max + Elementary.Log(sum);
        }
    }
}
