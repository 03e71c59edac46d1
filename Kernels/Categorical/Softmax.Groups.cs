using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <content>The softmax on processors, over several rows at a time.</content>
public static partial class Softmax
{
    /// <summary>The largest element of each row, and the sum of e^(l - max); with <paramref name="keep"/> = 1 these stay in <paramref name="exponentials"/>, which may be the logits.</summary>
    internal static (TRows Max, TRows Sum) GroupNormaliser<TRows>(ArrayView<float> logits, RowPlace at, int k, ArrayView<float> exponentials, int keep)
        where TRows : struct, IRowGroup<TRows>
    {
        TRows max = TRows.Fill(float.NegativeInfinity), sum = TRows.Fill(0f);
        for (int i = 0; i < k; i += TRows.Width)
            max = TRows.Max(max, TRows.Load(logits, at, i, float.NegativeInfinity));
        max = TRows.MaxByRow(max, k);
        for (int i = 0; i < k; i += TRows.Width)
        {
            TRows exponential = TRows.Exp(TRows.Load(logits, at, i, float.NegativeInfinity) - max);
            if (keep == 1)
                TRows.Store(exponential, exponentials, at, i);
            sum += exponential;
        }

        return (max, TRows.SumByRow(sum, k));
    }

    internal readonly struct ForwardGroupVectors<TRows>(ArrayView<float> logits, ArrayView<float> result, int rows, int k, int output) : IRowBody
        where TRows : struct, IRowGroup<TRows>
    {
        public void Row(int group)
        {
            RowPlace at = TRows.Place(group, rows, k);
            (TRows max, TRows sum) = GroupNormaliser<TRows>(logits, at, k, result, output == (int)Output.Probabilities ? 1 : 0);
            TRows logSum = TRows.LogByRow(sum), scale = TRows.ReciprocalByRow(sum);
            if (output == (int)Output.LogSumExp)
            {
                TRows.StoreByRow(max + logSum, result, group, k);
            }
            else if (output == (int)Output.Probabilities)
            {
                for (int i = 0; i < k; i += TRows.Width)
                    TRows.Store(TRows.Load(result, at, i, 0f) * scale, result, at, i);
            }
            else
            {
                // Not l - (max + log sum): beside a maximum of 1e4 the logarithm would lose ten bits.
                for (int i = 0; i < k; i += TRows.Width)
                    TRows.Store(TRows.Load(logits, at, i, 0f) - max - logSum, result, at, i);
            }
        }
    }

    internal readonly struct BackwardGroupVectors<TRows>(ArrayView<float> p, ArrayView<float> pGrad, ArrayView<float> logitsGrad, int rows, int k) : IRowBody
        where TRows : struct, IRowGroup<TRows>
    {
        public void Row(int group)
        {
            RowPlace at = TRows.Place(group, rows, k);
            TRows inner = TRows.Fill(0f);
            for (int i = 0; i < k; i += TRows.Width)
                inner += TRows.Load(p, at, i, 0f) * TRows.Load(pGrad, at, i, 0f);
            TRows mean = TRows.SumByRow(inner, k);
            for (int i = 0; i < k; i += TRows.Width)
                TRows.Store(TRows.Load(p, at, i, 0f) * (TRows.Load(pGrad, at, i, 0f) - mean), logitsGrad, at, i);
        }
    }
}
