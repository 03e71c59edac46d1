using System.Runtime.CompilerServices;
using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// The Gumbel-Rao pull-back of one hard sample z: the straight-through Gumbel-Softmax pull-back averaged over M draws of the Gumbel noise given that z won,
/// <code>dL/dl += (1 / M) sum_m (1 / t) y_m (g - sum(y_m g)),   y_m = softmax(G_m / t),   G_m = (l + noise) given argmax = z</code>
/// Its expectation is that of st-gumbel-softmax, its variance smaller. No gradient flows through the conditional noise.
/// </summary>
/// <remarks>M. B. Paulus, C. J. Maddison, A. Krause, ICLR 2021, equation 9.</remarks>
internal static class GumbelRao
{
    /// <summary>Records the pull-back of codesGrad g, [R, K] as the others, for hard codes of R numbers; perturbed [R, K] is scratch.</summary>
    public static void Backward(
        LaunchList list, ArrayView<StepState> state, Matrix logits, Codes codes, Matrix codesGrad, Matrix logitsGrad, Matrix perturbed, int draws, ulong seed)
    {
        (int rows, int k) = (logits.Rows, logits.Columns);
        codes.Require(rows / codes.Variables, codes.Variables, k, nameof(codes));
        perturbed.Require(rows, k, nameof(perturbed));
        logitsGrad.Require(rows, k, nameof(logitsGrad));
        Kernel kernel = new(state, logits, codes.Numbers, codesGrad, logitsGrad, perturbed, rows, k, draws, seed);
        list.Rows("gumbel-rao.backward", rows, k, kernel, Cost(rows, k, draws), RowTraits.Draws);
    }

    /// <summary>Reads two matrices and updates the third; three logarithms and an exponential an element and draw.</summary>
    public static KernelCost Cost(int rows, int k, int draws) => KernelCost.Floats(rows + (4L * rows * k), 14L * rows * k * draws);

    internal readonly struct Kernel(
        ArrayView<StepState> state, Cells logits, ArrayView<int> numbers, Cells codesGrad, Cells logitsGrad, Cells perturbed, int rows, int k, int draws,
            ulong seed) : IRowKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row<T>(int unit)
            where T : struct, IRows<T>
        {
            RowPlace at = T.Place(unit, rows, k);
            RowSlice row = T.Slice(at, k);
            Softmax.Exponentials(logits, row, k, logits, keeps: false, out T max, out T sum, out _);
            T logSumExp = max + T.LogByRow(sum), winner = T.LoadByRow(numbers, at, k), inverse = T.Fill(1f / state[0].Scheduled.Temperature);
            for (int draw = 0; draw < draws; draw++)
            {
                Draw(at, row, draw, logSumExp, winner, inverse, out T scale, out T inner);
                T weight = inverse * scale * T.Fill(1f / draws);
                for (int i = T.First; i < k; i += T.Step)
                {
                    T pull = weight * T.Load(perturbed, row, i, 0f) * (T.Load(codesGrad, row, i, 0f) - inner);
                    T.Store(T.Load(logitsGrad, row, i, 0f) + pull, logitsGrad, row, i);
                }
            }
        }

        // y but for its scale, in the scratch memory, and sum(y g). Every draw has rows of noise of its own.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Draw<T>(in RowPlace at, in RowSlice row, int draw, in T logSumExp, in T winner, in T inverse, out T scale, out T inner)
            where T : struct, IRows<T>
        {
            RandomRow random = new(seed, Randomness.ConditionalCodes, state[0].Step, 0);
            RowPlace drawn = at.Behind(draw * rows);
            T none = T.Fill(0f), own = none, total = none, products = none;
            for (int i = T.First; i < k; i += T.Step)
            {
                T noise = T.Gumbel(random, drawn, i, k);
                T.Store(noise, perturbed, row, i);
                own += T.WhereEqual(T.CountFrom(i, k), winner, noise, none);
            }

            T top = logSumExp + T.SumByRow(own, k);
            for (int i = T.First; i < k; i += T.Step)
            {
                T other = ConditionalGumbel.Other(T.Load(logits, row, i, float.NegativeInfinity) + T.Load(perturbed, row, i, 0f), top);
                T exponential = T.Exp((T.WhereEqual(T.CountFrom(i, k), winner, top, other) - top) * inverse);
                T.Store(exponential, perturbed, row, i);
                total += exponential;
                products = T.MultiplyAdd(exponential, T.Load(codesGrad, row, i, 0f), products);
            }

            scale = T.ReciprocalByRow(T.SumByRow(total, k));
            inner = T.SumByRow(products, k) * scale;
        }
    }
}
