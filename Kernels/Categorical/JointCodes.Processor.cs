using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ILGPU.Runtime;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// The same sums on a processor, where a number alone costs as much as a vector of them: of 2^16 codes of 16 variables for 128 examples they took 1.9 and 2.1
/// s of one thread one by one, as they are done on graphics processors.
/// </summary>
internal static partial class JointCodes
{
    private static void LogProbabilitiesOnProcessor(LaunchList list, Matrix logProbabilities, Matrix jointLog, int n, int k, KernelCost cost)
    {
        const string Name = "joint-codes.log-probabilities";
        if (Vector512.IsHardwareAccelerated)
            list.RowPerLane(Name, jointLog.Rows, new LogRows<OneOf512>(logProbabilities, jointLog, n, k), cost);
        else
            list.RowPerLane(Name, jointLog.Rows, new LogRows<TwoOf256>(logProbabilities, jointLog, n, k), cost);
    }

    private static void BackwardOnProcessor(
        LaunchList list,
        Matrix q,
        Matrix logLikelihoods,
        Matrix reconstruction,
        Matrix logProbabilities,
        Matrix logitsGrad,
        int n,
        int k,
        float scale,
        KernelCost cost)
    {
        const string Name = "joint-codes.backward";
        if (Vector512.IsHardwareAccelerated)
            list.RowPerLane(Name, q.Rows * n, new BackwardRows<OneOf512>(q, logLikelihoods, reconstruction, logProbabilities, logitsGrad, n, k, scale), cost);
        else
            list.RowPerLane(Name, q.Rows * n, new BackwardRows<TwoOf256>(q, logLikelihoods, reconstruction, logProbabilities, logitsGrad, n, k, scale), cost);
    }

    /// <summary>
    /// A row grows from the codes of its last variable: once for each category of the variable before, and so on, with the order of sums of the other kernel.
    /// </summary>
    internal readonly unsafe struct LogRows<T>(Matrix logProbabilities, Matrix jointLog, int n, int k) : IRowBody
        where T : struct, ISixteen<T>
    {
        private readonly float* logProbabilities = (float*)logProbabilities.View.LoadEffectiveAddressAsPtr();
        private readonly float* jointLog = (float*)jointLog.View.LoadEffectiveAddressAsPtr();
        private readonly int s = jointLog.Columns;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row(int row)
        {
            float* example = logProbabilities + ((nint)row * n * k), target = jointLog + ((nint)row * s);
            target[0] = 0f;
            for (int variable = n - 1, length = 1; variable >= 0; variable--, length *= k)
            {
                // From the last category on: the first one's place holds what all of them add to.
                for (int category = k - 1; category >= 0; category--)
                {
                    T own = T.Fill(example[(variable * k) + category]);
                    for (int i = 0; i < length; i += T.Width)
                        T.StorePart(T.LoadPart(target + i, length - i, 0f) + own, target + (category * length) + i, length - i);
                }
            }
        }
    }

    /// <summary>
    /// A thread has all categories of a variable of an example; where codes of a category are long runs of neighbours, it reads them in vectors.
    /// </summary>
    internal readonly unsafe struct BackwardRows<T>(
        Matrix q, Matrix logLikelihoods, Matrix reconstruction, Matrix logProbabilities, Matrix logitsGrad, int n, int k, float scale) : IRowBody
        where T : struct, ISixteen<T>
    {
        private readonly float* q = (float*)q.View.LoadEffectiveAddressAsPtr(), f = (float*)logLikelihoods.View.LoadEffectiveAddressAsPtr();
        private readonly float* reconstruction = (float*)reconstruction.View.LoadEffectiveAddressAsPtr();
        private readonly float* logProbabilities = (float*)logProbabilities.View.LoadEffectiveAddressAsPtr();
        private readonly float* logitsGrad = (float*)logitsGrad.View.LoadEffectiveAddressAsPtr();
        private readonly int s = q.Columns;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row(int row)
        {
            int example = row / n, run = 1;
            for (int later = n - 1; later > row % n; later--)
                run *= k;
            for (int category = 0; category < k; category++)
            {
                nint first = ((nint)example * s) + (category * run), at = ((nint)row * k) + category;
                float sum = run < T.Width ? OneByOne(first, run, reconstruction[example]) : InVectors(first, run, reconstruction[example]);
                logitsGrad[at] -= logProbabilities[at] == float.NegativeInfinity ? 0f : scale * sum;
            }
        }

        private float OneByOne(nint first, int run, float expected)
        {
            float sum = 0f;
            for (int start = 0; start < s; start += run * k)
            {
                for (nint i = first + start; i < first + start + run; i++)
                    sum += q[i] > 0f ? q[i] * (f[i] - expected) : q[i] * 0f;
            }

            return sum;
        }

        private float InVectors(nint first, int run, float expected)
        {
            T mean = T.Fill(expected), none = T.Fill(0f), sum = none;
            for (int start = 0; start < s; start += run * k)
            {
                for (int j = 0; j < run; j += T.Width)
                {
                    nint i = first + start + j;
                    T weight = T.LoadPart(q + i, run - j, 0f);
                    sum += T.WherePositive(weight, weight * (T.LoadPart(f + i, run - j, 0f) - mean), weight * none);
                }
            }

            return T.Sum(sum);
        }
    }
}
