using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// The Gumbel-Softmax (Concrete) relaxation of a categorical variable, y = softmax((l + g) / t), g standard Gumbel noise, t &gt; 0 the step's
/// temperature, and its straight-through form whose forward value is the hard argmax of y. The noise is generated where it is used and never stored.
/// </summary>
/// <remarks>E. Jang, S. Gu, B. Poole, ICLR 2017; C. J. Maddison, A. Mnih, Y. W. Teh, ICLR 2017.</remarks>
public static class GumbelSoftmax
{
    /// <summary>Records soft [R, K] = y, and the hard codes argmax y, R numbers in all, where they are given, from logits [R, K].</summary>
    public static void Forward(LaunchList list, ArrayView<StepState> state, Matrix logits, Matrix soft, Codes? hard, ulong seed, Randomness stream)
    {
        (int rows, int k) = (logits.Rows, logits.Columns);
        soft.Require(rows, k, nameof(soft));
        hard?.Require(rows / hard.Value.Variables, hard.Value.Variables, k, nameof(hard));
        ForwardKernel kernel = new(state, logits.View, soft.View, hard?.Numbers ?? default, rows, k, hard is null ? 0 : 1, seed, stream);
        list.Rows("gumbel-softmax.forward", rows, k, kernel, Cost(rows, k), RowTraits.Draws);
    }

    /// <summary>
    /// Records logitsGrad += (1 / t) y (yGrad - sum(y yGrad)), all [R, K]: the pull-back through y, added to what the KL's pass left there. In the
    /// straight-through form yGrad is the gradient with respect to the one-hot value.
    /// </summary>
    public static void Backward(LaunchList list, ArrayView<StepState> state, Matrix soft, Matrix softGrad, Matrix logitsGrad)
    {
        (int rows, int k) = (soft.Rows, soft.Columns);
        softGrad.Require(rows, k, nameof(softGrad));
        logitsGrad.Require(rows, k, nameof(logitsGrad));
        KernelCost cost = KernelCost.Floats(4 * soft.Length, 5 * soft.Length);
        list.Rows("gumbel-softmax.backward", rows, k, new BackwardKernel(state, soft.View, softGrad.View, logitsGrad.View, rows, k), cost);
    }

    /// <summary>Reads the logits and writes y once; the noise's two logarithms and an exponential each.</summary>
    public static KernelCost Cost(int rows, int k) => KernelCost.Floats(2L * rows * k, 8L * rows * k);

    internal readonly struct ForwardKernel(
        ArrayView<StepState> state, ArrayView<float> logits, ArrayView<float> soft, ArrayView<int> hard, int rows, int k, int hasHard, ulong seed, Randomness stream) : IRowKernel
    {
        public void Row<T>(int unit)
            where T : struct, IRows<T>
        {
            RowPlace at = T.Place(unit, rows, k);
            RowSlice l = T.Slice(logits, at, k), y = T.Slice(soft, at, k);
            RandomRow draw = new(seed, stream, state[0].Step, 0);

            // Noise takes longer to draw again than to read again: of a row that is more than a piece a lane the sums wait where y goes.
            T max = T.Fill(float.NegativeInfinity), maxAt = T.Fill(k - 1), last = max;
            for (int i = T.First; i < k; i += T.Step)
            {
                last = T.Load(l, i, float.NegativeInfinity) + T.Gumbel(draw, at, i, k);
                if (k > T.Step)
                    T.Store(last, y, i);
                maxAt = T.WherePositive(last - max, T.CountFrom(i, k), maxAt);
                max = T.Max(last, max);
            }

            T rowMax = T.MaxByRow(max, k);
            if (hasHard == 1)
                T.StoreByRow(CategoricalSample.Winner(max, maxAt, rowMax, k), hard, at, k);
            T inverseTemperature = T.Fill(1f / state[0].Temperature), sum = T.Fill(0f);
            for (int i = T.First; i < k; i += T.Step)
            {
                if (k > T.Step)
                    last = T.Load(y, i, float.NegativeInfinity);
                last = T.Exp((last - rowMax) * inverseTemperature);
                if (k > T.Step)
                    T.Store(last, y, i);
                sum += last;
            }

            T scale = T.ReciprocalByRow(T.SumByRow(sum, k));
            for (int i = T.First; i < k; i += T.Step)
            {
                if (k > T.Step)
                    last = T.Load(y, i, 0f);
                T.Store(last * scale, y, i);
            }
        }
    }

    internal readonly struct BackwardKernel(ArrayView<StepState> state, ArrayView<float> soft, ArrayView<float> softGrad, ArrayView<float> logitsGrad, int rows, int k) : IRowKernel
    {
        public void Row<T>(int unit)
            where T : struct, IRows<T>
        {
            RowPlace at = T.Place(unit, rows, k);
            RowSlice y = T.Slice(soft, at, k), yGrad = T.Slice(softGrad, at, k), grad = T.Slice(logitsGrad, at, k);
            T inner = T.Fill(0f), inverseTemperature = T.Fill(1f / state[0].Temperature);
            for (int i = T.First; i < k; i += T.Step)
                inner = T.MultiplyAdd(T.Load(y, i, 0f), T.Load(yGrad, i, 0f), inner);
            T mean = T.SumByRow(inner, k);
            for (int i = T.First; i < k; i += T.Step)
            {
                T pulled = inverseTemperature * T.Load(y, i, 0f) * (T.Load(yGrad, i, 0f) - mean);
                T.Store(T.Load(grad, i, 0f) + pulled, grad, i);
            }
        }
    }
}
