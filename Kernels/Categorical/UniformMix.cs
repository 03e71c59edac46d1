using System.Runtime.CompilerServices;
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
internal static class UniformMix
{
    /// <summary>Records logMixed from logits, both [R, K]; in place is allowed.</summary>
    public static void Forward(LaunchList list, Matrix logits, Matrix logMixed, float share)
    {
        (int rows, int k) = (logits.Rows, logits.Columns);
        logMixed.Require(rows, k, nameof(logMixed));
        list.Rows("uniform-mix.forward", rows, k, new ForwardKernel(logits, logMixed, rows, k, share), Cost(rows, k));
    }

    /// <summary>Records logitsGrad from the logits and dL/d log q', all [R, K]; logitsGrad may be logMixedGrad.</summary>
    public static void Backward(LaunchList list, Matrix logits, Matrix logMixedGrad, Matrix logitsGrad, float share)
    {
        (int rows, int k) = (logits.Rows, logits.Columns);
        logMixedGrad.Require(rows, k, nameof(logMixedGrad));
        logitsGrad.Require(rows, k, nameof(logitsGrad));
        KernelCost cost = KernelCost.Floats(3L * rows * k, 10L * rows * k);
        list.Rows("uniform-mix.backward", rows, k, new BackwardKernel(logits, logMixedGrad, logitsGrad, rows, k, share), cost);
    }

    /// <summary>Reads and writes each element once; an exponential, a logarithm and five more operations each.</summary>
    public static KernelCost Cost(int rows, int k) => KernelCost.Floats(2L * rows * k, 7L * rows * k);

    internal readonly struct ForwardKernel(Cells logits, Cells logMixed, int rows, int k, float share) : IRowKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row<T>(int unit)
            where T : struct, IRows<T>
        {
            RowSlice row = T.Slice(T.Place(unit, rows, k), k);
            Softmax.Exponentials(logits, row, k, logits, keeps: false, out T max, out T sum, out _);
            T kept = T.Fill(1f - share) * T.ReciprocalByRow(sum), added = T.Fill(share / k);
            for (int i = T.First; i < k; i += T.Step)
                T.Store(T.Log(T.MultiplyAdd(kept, T.Exp(T.Load(logits, row, i, 0f) - max), added)), logMixed, row, i);
        }
    }

    internal readonly struct BackwardKernel(Cells logits, Cells logMixedGrad, Cells logitsGrad, int rows, int k, float share) : IRowKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row<T>(int unit)
            where T : struct, IRows<T>
        {
            RowSlice row = T.Slice(T.Place(unit, rows, k), k);
            Softmax.Exponentials(logits, row, k, logits, keeps: false, out T max, out T sum, out _);
            T reciprocal = T.ReciprocalByRow(sum), rest = T.Fill(1f - share), added = T.Fill(share / k), terms = T.Fill(0f);
            for (int i = T.First; i < k; i += T.Step)
            {
                T kept = rest * T.Exp(T.Load(logits, row, i, 0f) - max) * reciprocal;
                terms += T.Part(kept / (kept + added) * T.Load(logMixedGrad, row, i, 0f), i, k);
            }

            T total = T.SumByRow(terms, k);
            for (int i = T.First; i < k; i += T.Step)
            {
                T q = T.Exp(T.Load(logits, row, i, 0f) - max) * reciprocal, kept = rest * q;
                T.Store((kept / (kept + added) * T.Load(logMixedGrad, row, i, 0f)) - (q * total), logitsGrad, row, i);
            }
        }
    }
}
