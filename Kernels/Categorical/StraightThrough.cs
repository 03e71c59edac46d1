using System.Runtime.CompilerServices;
using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>How a hard sample's gradient passes to the logits; the value is the one kernels see.</summary>
public enum StraightThroughRule
{
    /// <summary>
    /// As if the sample were softmax(l / t): J(softmax(l / t))^T g / t (Bengio, Leonard, Courville 2013). Exact for losses linear in the code.
    /// </summary>
    Plain = 0,

    /// <summary>
    /// 2 J((softmax(l / t) + z) / 2)^T g - 1/2 J(softmax(l))^T g, second-order accurate at t = 1: exact for losses quadratic in the code (Liu et al., "Bridging
    /// discrete and backpropagation: straight-through and beyond", NeurIPS 2023, algorithm 2).
    /// </summary>
    ReinMax = 1,
}

/// <summary>Straight-through pull-backs of one hard sample. J(p)^T g = p (g - sum(p g)) is the softmax's Jacobian at p.</summary>
public static class StraightThrough
{
    /// <summary>Records logitsGrad += the rule's pull-back of codesGrad g, all [R, K], for hard codes of R numbers; the temperature is the step's.</summary>
    public static void Backward(
        LaunchList list, StraightThroughRule rule, ArrayView<StepState> state, Matrix logits, Codes codes, Matrix codesGrad, Matrix logitsGrad)
    {
        (int rows, int k) = (logits.Rows, logits.Columns);
        codes.Require(rows / codes.Variables, codes.Variables, k, nameof(codes));
        codesGrad.Require(rows, k, nameof(codesGrad));
        logitsGrad.Require(rows, k, nameof(logitsGrad));
        list.Rows("straight-through.backward", rows, k, new Kernel(state, logits, codes.Numbers, codesGrad, logitsGrad, rows, k, rule), Cost(rows, k));
    }

    /// <summary>Reads two matrices and a number a row, reads and writes the third; two exponentials and a dozen operations an element.</summary>
    public static KernelCost Cost(int rows, int k) => KernelCost.Floats(rows + (4L * rows * k), 14L * rows * k);

    internal readonly struct Kernel(
        ArrayView<StepState> state, Cells logits, ArrayView<int> numbers, Cells codesGrad, Cells logitsGrad, int rows, int k,
            StraightThroughRule rule) : IRowKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row<T>(int unit)
            where T : struct, IRows<T>
        {
            RowPlace at = T.Place(unit, rows, k);
            RowSlice row = T.Slice(at, k);
            T inverseTemperature = T.Fill(1f / state[0].Scheduled.Temperature), z = T.LoadByRow(numbers, at, k);
            Softmax.Exponentials(logits, row, k, logits, keeps: false, out T max, out T sum, out _);
            T scale = T.ReciprocalByRow(sum), softScale = T.ReciprocalByRow(TemperedSum(row, max, inverseTemperature));
            Means(row, z, max, inverseTemperature, scale, softScale, out T mean, out T softMean, out T middleMean);
            Pull(row, z, max, inverseTemperature, scale, softScale, mean, softMean, middleMean);
        }

        // sum_k e^((l_k - max) / t).
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private T TemperedSum<T>(in RowSlice row, in T max, in T inverseTemperature)
            where T : struct, IRows<T>
        {
            T sum = T.Fill(0f);
            for (int i = T.First; i < k; i += T.Step)
                sum += T.Exp((T.Load(logits, row, i, float.NegativeInfinity) - max) * inverseTemperature);
            return T.SumByRow(sum, k);
        }

        // sum(p g) at the softmax, at the tempered one, and half way between that and the sample.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Means<T>(
            in RowSlice row, in T z, in T max, in T inverseTemperature, in T scale, in T softScale, out T mean, out T softMean, out T middleMean)
            where T : struct, IRows<T>
        {
            T half = T.Fill(0.5f), one = T.Fill(1f), inner = T.Fill(0f), none = inner, middleInner = inner, softInner = inner;
            for (int i = T.First; i < k; i += T.Step)
            {
                T logit = T.Load(logits, row, i, float.NegativeInfinity) - max, gradient = T.Load(codesGrad, row, i, 0f);
                T soft = T.Exp(logit * inverseTemperature) * softScale;
                inner = T.MultiplyAdd(T.Exp(logit) * scale, gradient, inner);
                softInner = T.MultiplyAdd(soft, gradient, softInner);
                middleInner = T.MultiplyAdd(half * (soft + T.WhereEqual(T.CountFrom(i, k), z, one, none)), gradient, middleInner);
            }

            mean = T.SumByRow(inner, k);
            softMean = T.SumByRow(softInner, k);
            middleMean = T.SumByRow(middleInner, k);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Pull<T>(
            in RowSlice row, in T z, in T max, in T inverseTemperature, in T scale, in T softScale, in T mean, in T softMean, in T middleMean)
            where T : struct, IRows<T>
        {
            T half = T.Fill(0.5f), one = T.Fill(1f), none = T.Fill(0f);
            for (int i = T.First; i < k; i += T.Step)
            {
                T logit = T.Load(logits, row, i, float.NegativeInfinity) - max, gradient = T.Load(codesGrad, row, i, 0f);
                T soft = T.Exp(logit * inverseTemperature) * softScale, pulled = T.Load(logitsGrad, row, i, 0f);
                if (rule == StraightThroughRule.Plain)
                    pulled += inverseTemperature * soft * (gradient - softMean);
                else
                    pulled += (
                        (soft + T.WhereEqual(T.CountFrom(i, k), z, one, none)) * (gradient - middleMean)) - (half * T.Exp(logit) * scale * (gradient - mean));
                T.Store(pulled, logitsGrad, row, i);
            }
        }
    }
}
