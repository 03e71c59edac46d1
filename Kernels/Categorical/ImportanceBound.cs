using System.Runtime.CompilerServices;
using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// The importance-weighted bound of S samples an example, L = log (1 / S) sum_s w_s, and what follows from dL/d log w_s = v_s = w_s / sum w. For log w linear
/// in the code, log w = f(z) + sum_i z_i (log p_i - log q_i), the code's gradient gains v (log p - log q).
/// </summary>
/// <remarks>Y. Burda, R. Grosse, R. Salakhutdinov, ICLR 2016.</remarks>
internal static class ImportanceBound
{
    /// <summary>Records bound [B, 1] = L, nats, and rowWeights [B S, 1] = -scale v_s from logWeights [B S, 1].</summary>
    public static void Record(LaunchList list, Matrix logWeights, Matrix bound, Matrix rowWeights, float scale)
    {
        int samples = logWeights.Rows / bound.Rows;
        logWeights.Require(bound.Rows * samples, 1, nameof(logWeights));
        rowWeights.Require(logWeights.Rows, 1, nameof(rowWeights));
        Kernel kernel = new(logWeights, bound, rowWeights, bound.Rows, samples, scale);
        list.Rows("importance-bound", bound.Rows, samples, kernel, KernelCost.Floats(2L * logWeights.Rows, 9L * logWeights.Rows));
    }

    /// <summary>
    /// Records codesGrad [B S, N K] += rowWeight (log p - log q) from rowWeights [B S, 1], logPosterior [B, N K] and logPrior [P, N K], P a divisor of B. A
    /// category that the posterior masks gains nothing.
    /// </summary>
    public static void AddCodesGrad(LaunchList list, Matrix rowWeights, Matrix logPosterior, Matrix logPrior, Matrix codesGrad)
    {
        int samples = codesGrad.Rows / logPosterior.Rows;
        codesGrad.Require(logPosterior.Rows * samples, logPosterior.Columns, nameof(codesGrad));
        rowWeights.Require(codesGrad.Rows, 1, nameof(rowWeights));
        list.Matrix(
            "importance-bound.codes-grad",
            codesGrad.Rows,
            codesGrad.Columns,
            new CodesGradBody(rowWeights.View, logPosterior.View, logPrior.View, codesGrad.View, samples, logPrior.Rows, codesGrad.Columns),
            KernelCost.Floats((2 * codesGrad.Length) + logPosterior.Length + logPrior.Length, 3 * codesGrad.Length));
    }

    /// <summary>Records signals [B S, 1] = advantage of the example - v_s: what weighs d log q(z_s) in the bound's gradient, from advantages [B, 1].</summary>
    public static void Signals(LaunchList list, Matrix advantages, Matrix rowWeights, Matrix signals, float scale)
    {
        signals.Require(rowWeights.Rows, 1, nameof(signals));
        list.Elements(
            "importance-bound.signals", signals.Rows, new SignalBody(
                advantages.View,
                rowWeights.View,
                signals.View,
                signals.Rows / advantages.Rows,
                1f / scale), KernelCost.Floats(3 * signals.Length, 2 * signals.Length));
    }

    internal readonly struct Kernel(Cells logWeights, Cells bound, Cells rowWeights, int rows, int samples, float scale) : IRowKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row<T>(int unit)
            where T : struct, IRows<T>
        {
            RowPlace at = T.Place(unit, rows, samples);
            RowSlice row = T.Slice(at, samples);
            bool keeps = T.KeepsInMemory && samples > T.Step;
            Exponentials(row, keeps, out T max, out T sum, out T last);
            T.StoreByRow(max + T.LogByRow(sum * T.Fill(1f / samples)), bound, at, samples);
            T weight = T.Fill(-scale) * T.ReciprocalByRow(sum);
            for (int i = T.First; i < samples; i += T.Step)
                T.Store(weight * Softmax.Exponential(logWeights, row, i, samples, rowWeights, keeps, max, last), rowWeights, row, i);
        }

        // As Softmax.Exponentials, but that small weights count beside a large one however many there are.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Exponentials<T>(in RowSlice row, bool keeps, out T max, out T sum, out T last)
            where T : struct, IRows<T>
        {
            T largest = T.Fill(float.NegativeInfinity), total = T.Fill(0f), excess = total, exponential = total;
            for (int i = T.First; i < samples; i += T.Step)
                largest = T.Max(largest, T.Load(logWeights, row, i, float.NegativeInfinity));
            largest = T.MaxByRow(largest, samples);
            for (int i = T.First; i < samples; i += T.Step)
            {
                exponential = T.Exp(T.Load(logWeights, row, i, float.NegativeInfinity) - largest);
                if (keeps)
                    T.Store(exponential, rowWeights, row, i);
                CompensatedSum.Add(ref total, ref excess, exponential);
            }

            max = largest;
            sum = T.SumByRow(total, samples);
            last = exponential;
        }
    }

    internal readonly struct CodesGradBody(
        ArrayView<float> rowWeights, ArrayView<float> logPosterior, ArrayView<float> logPrior, ArrayView<float> codesGrad, int samples, int priorRows,
            int width) : IMatrixBody
    {
        public void At(int row, int column, int i)
        {
            int example = row / samples;
            float logQ = logPosterior[((long)example * width) + column];
            float gain = rowWeights[row] * (logPrior[((long)(example % priorRows) * width) + column] - logQ);
            codesGrad[i] += logQ == float.NegativeInfinity ? 0f : gain;
        }
    }

    internal readonly struct SignalBody(
        ArrayView<float> advantages, ArrayView<float> rowWeights, ArrayView<float> signals, int samples, float inverseScale) : IElementBody
    {
        public void At(int i) => signals[i] = advantages[i / samples] + (inverseScale * rowWeights[i]);
    }
}
