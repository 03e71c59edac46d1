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
        list.Rows("softmax.backward", rows, k, new BackwardKernel(probabilities.View, probabilitiesGrad.View, logitsGrad.View, rows, k), cost);
    }

    /// <summary>Reads and writes each element once; an exponential and four more operations each.</summary>
    public static KernelCost Cost(int rows, int k) => KernelCost.Floats(2L * rows * k, 5L * rows * k);

    /// <summary>
    /// The maximum of each row and the sum of e^(l - max), log sum exp = max + log(sum); also this lane's last piece of e^(l - max), all of its part where rows are one piece a lane. With
    /// <paramref name="keeps"/> the exponentials stay in <paramref name="kept"/>, which may be the logits.
    /// </summary>
    internal static (T Max, T Sum, T Last) Exponentials<T>(RowSlice logits, int k, RowSlice kept, bool keeps)
        where T : struct, IRows<T>
    {
        T max = T.Fill(float.NegativeInfinity), sum = T.Fill(0f), last = sum;
        for (int i = T.First; i < k; i += T.Step)
            max = T.Max(max, T.Load(logits, i, float.NegativeInfinity));
        max = T.MaxByRow(max, k);
        for (int i = T.First; i < k; i += T.Step)
        {
            last = T.Exp(T.Load(logits, i, float.NegativeInfinity) - max);
            if (keeps)
                T.Store(last, kept, i);
            sum += last;
        }

        return (max, T.SumByRow(sum, k), last);
    }

    /// <summary>e^(l - max) again, from where it is found soonest: a register, memory, or the logits.</summary>
    internal static T Exponential<T>(RowSlice logits, int i, int k, RowSlice kept, bool keeps, T max, T last)
        where T : struct, IRows<T>
    {
        T exponential = last;
        if (k > T.Step)
        {
            if (keeps)
                exponential = T.Load(kept, i, 0f);
            else
                exponential = T.Exp(T.Load(logits, i, float.NegativeInfinity) - max);
        }

        return exponential;
    }

    /// <summary>Max and sum of a row in a view, for kernels whose lanes do not hold rows.</summary>
    internal static (float Max, float Sum) Normaliser<TTeam, TVector>(ArrayView<float> logits, int k)
        where TTeam : struct, ITeam
        where TVector : struct, IVector<TVector>
    {
        RowSlice row = new(logits, k);
        (TeamRow<TTeam, TVector> max, TeamRow<TTeam, TVector> sum, _) = Exponentials<TeamRow<TTeam, TVector>>(row, k, row, keeps: false);
        return (TeamRow<TTeam, TVector>.Number(max), TeamRow<TTeam, TVector>.Number(sum));
    }

    private static void Record(LaunchList list, Matrix logits, Matrix result, Output output)
    {
        (int rows, int k) = (logits.Rows, logits.Columns);
        result.Require(rows, output == Output.LogSumExp ? 1 : k, nameof(result));
        string name = output switch { Output.Probabilities => "softmax.forward", Output.LogProbabilities => "log-softmax.forward", _ => "logsumexp" };
        list.Rows(name, rows, k, new ForwardKernel(logits.View, result.View, rows, k, output), Cost(rows, k));
    }

    internal readonly struct ForwardKernel(ArrayView<float> logits, ArrayView<float> result, int rows, int k, Output output) : IRowKernel
    {
        public void Row<T>(int unit)
            where T : struct, IRows<T>
        {
            RowPlace at = T.Place(unit, rows, k);
            RowSlice l = T.Slice(logits, at, k);
            if (output == Output.LogSumExp)
            {
                (T max, T sum, _) = Exponentials<T>(l, k, l, keeps: false);
                T.StoreByRow(max + T.LogByRow(sum), result, at, k);
            }
            else if (output == Output.Probabilities)
            {
                RowSlice p = T.Slice(result, at, k);
                (T max, T sum, T last) = Exponentials<T>(l, k, p, T.KeepsInMemory && k > T.Step);
                T scale = T.ReciprocalByRow(sum);
                for (int i = T.First; i < k; i += T.Step)
                    T.Store(Exponential(l, i, k, p, T.KeepsInMemory, max, last) * scale, p, i);
            }
            else
            {
                RowSlice logP = T.Slice(result, at, k);
                (T max, T sum, _) = Exponentials<T>(l, k, l, keeps: false);
                T logSum = T.LogByRow(sum);

                // Not l - (max + log sum): beside a maximum of 1e4 the logarithm would lose ten bits.
                for (int i = T.First; i < k; i += T.Step)
                    T.Store(T.Load(l, i, 0f) - max - logSum, logP, i);
            }
        }
    }

    internal readonly struct BackwardKernel(ArrayView<float> p, ArrayView<float> pGrad, ArrayView<float> logitsGrad, int rows, int k) : IRowKernel
    {
        public void Row<T>(int unit)
            where T : struct, IRows<T>
        {
            RowPlace at = T.Place(unit, rows, k);
            RowSlice probabilities = T.Slice(p, at, k), grad = T.Slice(pGrad, at, k), target = T.Slice(logitsGrad, at, k);
            T inner = T.Fill(0f);
            for (int i = T.First; i < k; i += T.Step)
                inner = T.MultiplyAdd(T.Load(probabilities, i, 0f), T.Load(grad, i, 0f), inner);
            T mean = T.SumByRow(inner, k);
            for (int i = T.First; i < k; i += T.Step)
                T.Store(T.Load(probabilities, i, 0f) * (T.Load(grad, i, 0f) - mean), target, i);
        }
    }
}
