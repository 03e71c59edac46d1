using System.Runtime.CompilerServices;
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
        ForwardKernel kernel = new(state, logits, soft, hard?.Numbers ?? default, rows, k, seed, stream);
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
        list.Rows("gumbel-softmax.backward", rows, k, new BackwardKernel(state, soft, softGrad, logitsGrad, rows, k), cost);
    }

    /// <summary>Reads the logits and writes y once; the noise's two logarithms and an exponential each.</summary>
    public static KernelCost Cost(int rows, int k) => KernelCost.Floats(2L * rows * k, 8L * rows * k);

    internal readonly struct ForwardKernel(
        ArrayView<StepState> state, Cells logits, Cells soft, ArrayView<int> hard, int rows, int k, ulong seed, Randomness stream) : IRowKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row<T>(int unit)
            where T : struct, IRows<T>
        {
            RowPlace at = T.Place(unit, rows, k);
            RowSlice row = T.Slice(at, k);

            // Noise takes longer to draw again than to read again: of a row that is more than a piece a lane the sums wait where y goes.
            GumbelNoise.Perturb(logits, row, new RandomRow(seed, stream, state[0].Step, 0), at, k, soft, k > T.Step, out T max, out T maxAt, out T last);
            T rowMax = T.MaxByRow(max, k);
            if (hard.Length > 0)
            {
                T.StoreByRow(CategoricalSample.Winner(max, maxAt, rowMax, k), hard, at, k);
                T.Sync();
            }

            Normalise(row, rowMax, T.Fill(1f / state[0].Scheduled.Temperature), last);
        }

        // e^((y - max) / t) over its sum, in place.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Normalise<T>(in RowSlice row, in T max, in T inverseTemperature, in T only)
            where T : struct, IRows<T>
        {
            T sum = T.Fill(0f), last = only;
            for (int i = T.First; i < k; i += T.Step)
            {
                if (k > T.Step)
                    last = T.Load(soft, row, i, float.NegativeInfinity);
                last = T.Exp((last - max) * inverseTemperature);
                if (k > T.Step)
                    T.Store(last, soft, row, i);
                sum += last;
            }

            T scale = T.ReciprocalByRow(T.SumByRow(sum, k));
            for (int i = T.First; i < k; i += T.Step)
            {
                if (k > T.Step)
                    last = T.Load(soft, row, i, 0f);
                T.Store(last * scale, soft, row, i);
            }
        }
    }

    internal readonly struct BackwardKernel(ArrayView<StepState> state, Cells soft, Cells softGrad, Cells logitsGrad, int rows, int k) : IRowKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row<T>(int unit)
            where T : struct, IRows<T>
        {
            RowSlice row = T.Slice(T.Place(unit, rows, k), k);
            T inner = T.Fill(0f), inverseTemperature = T.Fill(1f / state[0].Scheduled.Temperature);
            for (int i = T.First; i < k; i += T.Step)
                inner = T.MultiplyAdd(T.Load(soft, row, i, 0f), T.Load(softGrad, row, i, 0f), inner);
            T mean = T.SumByRow(inner, k);
            for (int i = T.First; i < k; i += T.Step)
            {
                T pulled = inverseTemperature * T.Load(soft, row, i, 0f) * (T.Load(softGrad, row, i, 0f) - mean);
                T.Store(T.Load(logitsGrad, row, i, 0f) + pulled, logitsGrad, row, i);
            }
        }
    }
}
