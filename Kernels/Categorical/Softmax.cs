using System.Runtime.CompilerServices;
using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// Row softmax, log-softmax and logsumexp of logits [R, K] in nats. The row's maximum is taken away first, so logits of +-1e4 neither
/// overflow nor vanish; a logit of minus infinity masks its category (probability 0, log-probability minus infinity); a NaN stays in its row.
/// </summary>
public static class Softmax
{
    internal enum Output
    {
        Probabilities,
        LogProbabilities,
        LogSumExp,
    }

    /// <summary>Records probabilities = softmax(logits), both [R, K]; in place is allowed.</summary>
    public static void Forward(LaunchList list, Matrix logits, Matrix probabilities) => Record(list, logits, probabilities, Output.Probabilities);

    /// <summary>Records logProbabilities = logits - logsumexp(logits), both [R, K]; in place is allowed.</summary>
    public static void LogForward(LaunchList list, Matrix logits, Matrix logProbabilities) => Record(list, logits, logProbabilities, Output.LogProbabilities);

    /// <summary>Records result = logsumexp(logits): [R, K] to [R, 1].</summary>
    public static void LogSumExp(LaunchList list, Matrix logits, Matrix result) => Record(list, logits, result, Output.LogSumExp);

    /// <summary>Records logitsGrad = p * (pGrad - sum(p * pGrad)) for p = softmax(logits), all [R, K]; logitsGrad may be pGrad.</summary>
    public static void Backward(LaunchList list, Matrix probabilities, Matrix probabilitiesGrad, Matrix logitsGrad)
    {
        (int rows, int k) = (probabilities.Rows, probabilities.Columns);
        probabilitiesGrad.Require(rows, k, nameof(probabilitiesGrad));
        logitsGrad.Require(rows, k, nameof(logitsGrad));
        KernelCost cost = KernelCost.Floats(3 * probabilities.Length, 4 * probabilities.Length);
        list.Rows("softmax.backward", rows, k, new BackwardKernel(probabilities, probabilitiesGrad, logitsGrad, rows, k), cost);
    }

    /// <summary>Reads and writes each element once; an exponential and four more operations each.</summary>
    public static KernelCost Cost(int rows, int k) => KernelCost.Floats(2L * rows * k, 5L * rows * k);

    /// <summary>
    /// The maximum of each row and the sum of e^(l - max), log sum exp = max + log(sum); also this lane's last piece of e^(l - max), all of its part where rows
    /// are one piece a lane. With
    /// <paramref name="keeps"/> the exponentials stay in <paramref name="kept"/>, which may be the logits.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Exponentials<T>(in Cells logits, in RowSlice rows, int k, in Cells kept, bool keeps, out T max, out T sum, out T last)
        where T : struct, IRows<T>
    {
        T largest = T.Fill(float.NegativeInfinity), total = T.Fill(0f), exponential = total;
        for (int i = T.First; i < k; i += T.Step)
            largest = T.Max(largest, T.Load(logits, rows, i, float.NegativeInfinity));
        largest = T.MaxByRow(largest, k);
        for (int i = T.First; i < k; i += T.Step)
        {
            exponential = T.Exp(T.Load(logits, rows, i, float.NegativeInfinity) - largest);
            if (keeps)
                T.Store(exponential, kept, rows, i);
            total += exponential;
        }

        max = largest;
        sum = T.SumByRow(total, k);
        last = exponential;
    }

    /// <summary>e^(l - max) again, from where it is found soonest: a register, memory, or the logits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static T Exponential<T>(in Cells logits, in RowSlice rows, int i, int k, in Cells kept, bool keeps, T max, T last)
        where T : struct, IRows<T>
    {
        T exponential = last;
        if (k > T.Step)
        {
            if (keeps)
                exponential = T.Load(kept, rows, i, 0f);
            else
                exponential = T.Exp(T.Load(logits, rows, i, float.NegativeInfinity) - max);
        }

        return exponential;
    }

    /// <summary>Max and sum of a row in a view, for kernels that read rows themselves.</summary>
    internal static (float Max, float Sum) Normaliser<TTeam, TVector>(ArrayView<float> logits, int k)
        where TTeam : struct, ITeam
        where TVector : struct, IVector<TVector>
    {
        Cells row = new(logits, 0);
        Exponentials(row, new RowSlice(0, 0, k), k, row, keeps: false, out TeamRow<TTeam, TVector> max, out TeamRow<TTeam, TVector> sum, out _);
        return (TeamRow<TTeam, TVector>.Number(max), TeamRow<TTeam, TVector>.Number(sum));
    }

    private static void Record(LaunchList list, Matrix logits, Matrix result, Output output)
    {
        (int rows, int k) = (logits.Rows, logits.Columns);
        result.Require(rows, output == Output.LogSumExp ? 1 : k, nameof(result));
        string name = output switch { Output.Probabilities => "softmax.forward", Output.LogProbabilities => "log-softmax.forward", _ => "logsumexp" };
        list.Rows(name, rows, k, new ForwardKernel(logits, result, rows, k, output), Cost(rows, k));
    }

    internal readonly struct ForwardKernel(Cells logits, Cells result, int rows, int k, Output output) : IRowKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row<T>(int unit)
            where T : struct, IRows<T>
        {
            RowPlace at = T.Place(unit, rows, k);
            RowSlice row = T.Slice(at, k);

            // Before any branch: lanes that share a row meet here (see IRows.Sync).
            bool keeps = output == Output.Probabilities && T.KeepsInMemory && k > T.Step;
            Exponentials(logits, row, k, result, keeps, out T max, out T sum, out T last);
            if (output == Output.LogSumExp)
            {
                T.StoreByRow(max + T.LogByRow(sum), result, at, k);
            }
            else if (output == Output.Probabilities)
            {
                T scale = T.ReciprocalByRow(sum);
                for (int i = T.First; i < k; i += T.Step)
                    T.Store(Exponential(logits, row, i, k, result, T.KeepsInMemory, max, last) * scale, result, row, i);
            }
            else
            {
                T logSum = T.LogByRow(sum);

                // Not l - (max + log sum): beside a maximum of 1e4 the logarithm would lose ten bits.
                for (int i = T.First; i < k; i += T.Step)
                    T.Store(T.Load(logits, row, i, 0f) - max - logSum, result, row, i);
            }
        }
    }

    internal readonly struct BackwardKernel(Cells p, Cells pGrad, Cells logitsGrad, int rows, int k) : IRowKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row<T>(int unit)
            where T : struct, IRows<T>
        {
            RowSlice row = T.Slice(T.Place(unit, rows, k), k);
            T inner = T.Fill(0f);
            for (int i = T.First; i < k; i += T.Step)
                inner = T.MultiplyAdd(T.Load(p, row, i, 0f), T.Load(pGrad, row, i, 0f), inner);
            T mean = T.SumByRow(inner, k);
            for (int i = T.First; i < k; i += T.Step)
                T.Store(T.Load(p, row, i, 0f) * (T.Load(pGrad, row, i, 0f) - mean), logitsGrad, row, i);
        }
    }
}
