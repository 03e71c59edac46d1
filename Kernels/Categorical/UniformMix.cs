using ILGPU;
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
public static class UniformMix
{
    /// <summary>The variant that rows of <paramref name="k"/> categories get.</summary>
    public static RowVariant VariantFor(ComputeDevice device, int k) => LaunchListExtensions.RowVariantFor(device, k);

    /// <summary>Records logMixed from logits, both [R, K]; in place is allowed.</summary>
    public static void Forward(LaunchList list, Matrix logits, Matrix logMixed, float share)
    {
        (int rows, int k) = (logits.Rows, logits.Columns);
        logMixed.Require(rows, k, nameof(logMixed));
        VectorRows.Record(list.Device, rows, k, new ForwardLaunch(list, logits, logMixed, share));
    }

    /// <summary>Records logitsGrad from the logits and dL/d log q', all [R, K]; logitsGrad may be logMixedGrad.</summary>
    public static void Backward(LaunchList list, Matrix logits, Matrix logMixedGrad, Matrix logitsGrad, float share)
    {
        (int rows, int k) = (logits.Rows, logits.Columns);
        logMixedGrad.Require(rows, k, nameof(logMixedGrad));
        logitsGrad.Require(rows, k, nameof(logitsGrad));
        VectorRows.Record(list.Device, rows, k, new BackwardLaunch(list, logits, logMixedGrad, logitsGrad, share));
    }

    /// <summary>Reads and writes each element once; an exponential, a logarithm and five more operations each.</summary>
    public static KernelCost Cost(int rows, int k) => KernelCost.Floats(2L * rows * k, 7L * rows * k);

    private readonly struct ForwardLaunch(LaunchList list, Matrix logits, Matrix logMixed, float share) : IRowLaunch
    {
        public void Record<TTeam, TVector>()
            where TTeam : struct, ITeam
            where TVector : struct, IVector<TVector>
        {
            (int rows, int k) = (logits.Rows, logits.Columns);
            list.Rows<TTeam, ForwardRows<TTeam, TVector>>("uniform-mix.forward", rows, VectorRows.Count<TVector>(k), new(logits.View, logMixed.View, k, share), Cost(rows, k));
        }
    }

    private readonly struct BackwardLaunch(LaunchList list, Matrix logits, Matrix logMixedGrad, Matrix logitsGrad, float share) : IRowLaunch
    {
        public void Record<TTeam, TVector>()
            where TTeam : struct, ITeam
            where TVector : struct, IVector<TVector>
        {
            (int rows, int k) = (logits.Rows, logits.Columns);
            KernelCost cost = KernelCost.Floats(3L * rows * k, 10L * rows * k);
            list.Rows<TTeam, BackwardRows<TTeam, TVector>>("uniform-mix.backward", rows, VectorRows.Count<TVector>(k), new(logits.View, logMixedGrad.View, logitsGrad.View, k, share), cost);
        }
    }

    internal readonly struct ForwardRows<TTeam, TVector>(ArrayView<float> logits, ArrayView<float> logMixed, int k, float share) : IRowBody
        where TTeam : struct, ITeam
        where TVector : struct, IVector<TVector>
    {
        public void Row(int row)
        {
            ArrayView<float> l = logits.SubView((long)row * k, k);
            (float max, float sum) = Softmax.Normaliser<TTeam, TVector>(l, k);
            TVector shift = TVector.Fill(max), kept = TVector.Fill((1f - share) / sum), added = TVector.Fill(share / k);
            ArrayView<float> target = logMixed.SubView((long)row * k, k);
            for (int i = TTeam.Lane * TVector.Width; i < k; i += TTeam.Lanes * TVector.Width)
                TVector.StorePart(Elementary.Log((kept * Elementary.Exp(TVector.LoadPart(l, i, k - i, 0f) - shift)) + added), target, i, k - i);
        }
    }

    internal readonly struct BackwardRows<TTeam, TVector>(ArrayView<float> logits, ArrayView<float> logMixedGrad, ArrayView<float> logitsGrad, int k, float share) : IRowBody
        where TTeam : struct, ITeam
        where TVector : struct, IVector<TVector>
    {
        public void Row(int row)
        {
            ArrayView<float> l = logits.SubView((long)row * k, k);
            ArrayView<float> g = logMixedGrad.SubView((long)row * k, k);
            (float max, float sum) = Softmax.Normaliser<TTeam, TVector>(l, k);
            TVector shift = TVector.Fill(max), reciprocal = TVector.Fill(1f / sum), rest = TVector.Fill(1f - share), added = TVector.Fill(share / k), terms = TVector.Fill(0f);
            for (int i = TTeam.Lane * TVector.Width; i < k; i += TTeam.Lanes * TVector.Width)
            {
                TVector kept = rest * Elementary.Exp(TVector.LoadPart(l, i, k - i, 0f) - shift) * reciprocal;
                terms += TVector.Part(kept / (kept + added) * TVector.LoadPart(g, i, k - i, 0f), k - i);
            }

            TVector total = TVector.Fill(TTeam.Sum(TVector.Sum(terms)));
            ArrayView<float> target = logitsGrad.SubView((long)row * k, k);
            for (int i = TTeam.Lane * TVector.Width; i < k; i += TTeam.Lanes * TVector.Width)
            {
                TVector q = Elementary.Exp(TVector.LoadPart(l, i, k - i, 0f) - shift) * reciprocal;
                TVector kept = rest * q;
                TVector.StorePart((kept / (kept + added) * TVector.LoadPart(g, i, k - i, 0f)) - (q * total), target, i, k - i);
            }
        }
    }
}
