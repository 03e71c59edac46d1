using System.Runtime.CompilerServices;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// The exact log-likelihood log p(x) = log sum_s p(s) p(x | s), nats, from the joint log-prior and the table of log-likelihoods. Not to be confused
/// with the expected reconstruction sum_s q(s) log p(x | s), a term of the ELBO.
/// </summary>
internal static class LogMarginal
{
    /// <summary>Records result [B, 1] from logLikelihoods F [B, S] and logPrior [P, S], P a divisor of B: row b uses prior row b mod P.</summary>
    public static void Record(LaunchList list, Matrix logLikelihoods, Matrix logPrior, Matrix result)
    {
        (int rows, int s) = (logLikelihoods.Rows, logLikelihoods.Columns);
        result.Require(rows, 1, nameof(result));
        if (logPrior.Columns != s || rows % logPrior.Rows != 0)
            throw new ArgumentException($"logPrior is [{logPrior.Rows}, {logPrior.Columns}] but F is [{rows}, {s}].", nameof(logPrior));
        list.Rows(
            "log-marginal", rows, s, new Kernel(logLikelihoods, logPrior, result, rows, logPrior.Rows, s), Cost(rows, s), RowShape.ByTurns(logPrior, rows));
    }

    /// <summary>Reads F once; an exponential and six more operations an element.</summary>
    public static KernelCost Cost(int rows, int codes) => KernelCost.Floats((long)rows * codes, 7L * rows * codes);

    internal readonly struct Kernel(Cells logLikelihoods, Cells logPrior, Cells result, int rows, int priorRows, int s) : IRowKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row<T>(int unit)
            where T : struct, IRows<T>
        {
            RowPlace at = T.Place(unit, rows, s);
            RowSlice f = T.Slice(at, s), p = T.Slice(at.Within(priorRows), s);
            T max = T.Fill(float.NegativeInfinity), sum = T.Fill(0f), excess = sum;
            for (int i = T.First; i < s; i += T.Step)
                max = T.Max(max, Joint<T>(f, p, i));
            max = T.MaxByRow(max, s);
            for (int i = T.First; i < s; i += T.Step)
                CompensatedSum.Add(ref sum, ref excess, T.Exp(Joint<T>(f, p, i) - max));
            T.StoreByRow(max + T.LogByRow(T.SumByRow(sum, s)), result, at, s);
        }

        // log p(s) p(x | s).
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private T Joint<T>(in RowSlice f, in RowSlice p, int i)
            where T : struct, IRows<T> => T.Load(logLikelihoods, f, i, 0f) + T.Load(logPrior, p, i, float.NegativeInfinity);
    }
}
