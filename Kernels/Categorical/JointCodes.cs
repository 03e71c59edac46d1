using System.Runtime.CompilerServices;
using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// Exact marginalisation over all S = K^N joint codes of N variables with K categories. Code s has digits s_n, variable 0 the most significant:
/// <code>
/// q(s) = prod_n q_n(s_n)        E = sum_s q(s) F(s)
/// dE/dl_nk = sum over the codes with s_n = k of q(s) F(s), less q_nk E
/// </code>
/// </summary>
internal static partial class JointCodes
{
    /// <summary>K^N, or null where it is more than 2^30 and cannot be enumerated at all.</summary>
    public static int? Count(int n, int k)
    {
        long count = 1;
        for (int i = 0; i < n; i++)
        {
            count *= k;
            if (count > 1 << 30)
                return null;
        }

        return (int)count;
    }

    /// <summary>Records all S codes into hard codes of S rows, and returns these as the enumeration they then are.</summary>
    public static Codes Enumerate(LaunchList list, Codes codes) => CodeChunk.Enumerate(list, codes, 0, codes.Rows);

    /// <summary>Records jointLog [B, S] = sum_n logProbabilities[b, n, s_n] from log-probabilities [B, N K], nats.</summary>
    public static void LogProbabilities(LaunchList list, Matrix logProbabilities, Matrix jointLog, int n, int k)
    {
        logProbabilities.Require(jointLog.Rows, n * k, nameof(logProbabilities));
        jointLog.Require(jointLog.Rows, Count(n, k) ?? 0, nameof(jointLog));
        KernelCost cost = Cost(jointLog.Rows, jointLog.Columns, n);
        if (list.Device.Style == LaunchStyle.Processor)
            LogProbabilitiesOnProcessor(list, logProbabilities, jointLog, n, k, cost);
        else
            list.Matrix("joint-codes.log-probabilities", jointLog.Rows, jointLog.Columns, new LogBody(logProbabilities.View, jointLog.View, n, k), cost);
    }

    /// <summary>Records reconstruction [B, 1] = E, and q = exp(jointLog) in place of jointLog [B, S].</summary>
    public static void Expectation(LaunchList list, Matrix jointLog, Matrix logLikelihoods, Matrix reconstruction)
    {
        (int rows, int s) = (jointLog.Rows, jointLog.Columns);
        logLikelihoods.Require(rows, s, nameof(logLikelihoods));
        reconstruction.Require(rows, 1, nameof(reconstruction));
        list.Rows(
            "joint-codes.expectation",
            rows,
            s,
            new ExpectationKernel(jointLog, logLikelihoods, reconstruction, rows, s),
            KernelCost.Floats(3L * rows * s, 3L * rows * s));
    }

    /// <summary>
    /// Records logitsGrad [B, N K] -= scale * dE/dl, from q [B, S], F [B, S], E [B, 1] and logProbabilities [B, N K].
    /// </summary>
    public static void Backward(
        LaunchList list, Matrix q, Matrix logLikelihoods, Matrix reconstruction, Matrix logProbabilities, Matrix logitsGrad, int n, int k, float scale)
    {
        q.Require(logitsGrad.Rows, Count(n, k) ?? 0, nameof(q));
        logLikelihoods.Require(q.Rows, q.Columns, nameof(logLikelihoods));
        reconstruction.Require(q.Rows, 1, nameof(reconstruction));
        logProbabilities.Require(q.Rows, n * k, nameof(logProbabilities));
        logitsGrad.Require(q.Rows, n * k, nameof(logitsGrad));
        KernelCost cost = Cost(q.Rows, q.Columns, n);
        if (list.Device.Style == LaunchStyle.Processor)
            BackwardOnProcessor(list, q, logLikelihoods, reconstruction, logProbabilities, logitsGrad, n, k, scale, cost);
        else
        {
            BackwardTile kernel = new(list.Device, q, logLikelihoods, reconstruction, logProbabilities, logitsGrad, n, k, scale);
            list.Tiles("joint-codes.backward", kernel.Count, kernel.Lanes, GroupsAtOnce, kernel, cost);
        }
    }

    /// <summary>Records target = -scale * q, element by element: the gradient of the loss with respect to F; may lie over q.</summary>
    public static void LogLikelihoodsGrad(LaunchList list, Matrix q, Matrix target, float scale) =>
        list.Elements("joint-codes.weights", checked((int)q.Length), new WeightBody(q.View, target.View, scale), KernelCost.Floats(2 * q.Length, q.Length));

    /// <summary>Reads or writes each of the B S joint codes once, with an operation for each variable.</summary>
    public static KernelCost Cost(int rows, int codes, int n) => KernelCost.Floats(2L * rows * codes, (long)rows * codes * n);

    internal readonly struct LogBody(ArrayView<float> logProbabilities, ArrayView<float> jointLog, int n, int k) : IMatrixBody
    {
        public void At(int row, int column, int i)
        {
            ArrayView<float> example = logProbabilities.SubView((long)row * n * k, n * k);
            int rest = column;
            float sum = 0f;
            for (int variable = n - 1; variable >= 0; variable--)
            {
                int before = rest / k;
                sum += example[(variable * k) + rest - (before * k)];
                rest = before;
            }

            jointLog[i] = sum;
        }
    }

    internal readonly struct ExpectationKernel(Cells jointLog, Cells logLikelihoods, Cells reconstruction, int rows, int s) : IRowKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row<T>(int unit)
            where T : struct, IRows<T>
        {
            RowPlace at = T.Place(unit, rows, s);
            RowSlice row = T.Slice(at, s);
            T terms = T.Fill(0f);
            for (int i = T.First; i < s; i += T.Step)
            {
                T q = T.Exp(T.Load(jointLog, row, i, float.NegativeInfinity));
                T.Store(q, jointLog, row, i);
                terms += T.WherePositive(q, q * T.Load(logLikelihoods, row, i, 0f), q * T.Fill(0f));
            }

            T.StoreByRow(T.SumByRow(terms, s), reconstruction, at, s);
        }
    }

    internal readonly struct WeightBody(ArrayView<float> q, ArrayView<float> target, float scale) : IElementBody
    {
        public void At(int i) => target[i] = -scale * q[i];
    }
}
