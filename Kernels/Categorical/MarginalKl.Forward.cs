using System.Numerics;
using System.Runtime.CompilerServices;
using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// The means over the batch and what comes of them: the processor does a variable a thread, graphics processors a variable a group, whose lanes share the
/// examples.
/// </summary>
internal static partial class MarginalKl
{
    // Eight neighbouring categories are the 32 bytes that a graphics processor's memory moves at once.
    private const int FewestAcross = 8;
    private const int MostLanes = 256;
    private const int GroupsAtOnce = 4;

    // Not minus infinity: less itself that is no number. A category that nobody uses comes to a sum of 0, whose logarithm it is.
    private const float Smallest = float.MinValue;

    // An example's part in sum_b p_b / p_max, and in sum_b p_b / p_max log p_b.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<T>(T logP, T max, ref T sum, ref T entropy)
        where T : struct, IRows<T>
    {
        T p = T.Exp(logP - max);
        sum += p;
        entropy += CategoricalPass.Weighted(p, logP);
    }

    // log (1/B sum_b p_b) and 1/B sum_b p_b log p_b of each category.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Mean<T>(T max, T sum, T entropy, int count, out T logMean, out T negentropy)
        where T : struct, IRows<T>
    {
        T share = T.Fill(1f / count);
        logMean = max + T.Log(sum * share);
        negentropy = CategoricalPass.Weighted(T.Exp(max), entropy * share);
    }

    // A category's r, and its part in M and in I. What no example uses costs nothing, whatever the prior says.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<T>(T logMean, T negentropy, T logPriorMean, out T ratio, ref T kl, ref T information)
        where T : struct, IRows<T>
    {
        T mean = T.Exp(logMean);
        ratio = T.WherePositive(mean, logMean - logPriorMean, T.Fill(float.NegativeInfinity));
        kl += CategoricalPass.Weighted(mean, ratio);
        information += T.WherePositive(mean, negentropy - (mean * logMean), mean * T.Fill(0f));
    }

    /// <summary>What is read and written, and its shapes.</summary>
    internal readonly struct Forward(MarginalKlTerms terms)
    {
        internal readonly Cells LogPosterior = terms.LogPosterior, LogPrior = Cells.Of(terms.LogPrior), LogRatio = terms.LogRatio,
            MarginalKl = terms.MarginalKl, Information = terms.Information;

        internal readonly int Variables = terms.LogRatio.Rows, K = terms.LogRatio.Columns, Examples = terms.LogPosterior.Rows / terms.LogRatio.Rows;
        internal readonly int PriorExamples = terms.LogPrior is { } prior ? prior.Rows / terms.LogRatio.Rows : 0;
        internal readonly float UniformLogProbability = -MathF.Log(terms.LogRatio.Columns);
    }

    [OnGroups]
    internal readonly struct ForwardKernel(MarginalKlTerms terms) : IRowKernel
    {
        private readonly Forward all = new(terms);

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row<T>(int unit)
            where T : struct, IRows<T>
        {
            int k = all.K;
            RowPlace at = T.Place(unit, all.Variables, k);
            T kl = T.Fill(0f), information = kl;
            for (int i = T.First; i < k; i += T.Step)
            {
                Mean(all.LogPosterior, at, i, all.Examples, out T logMean, out T negentropy);
                T logPriorMean = T.Fill(all.UniformLogProbability);
                if (all.PriorExamples > 0)
                    Mean(all.LogPrior, at, i, all.PriorExamples, out logPriorMean, out _);
                Add(logMean, negentropy, logPriorMean, out T ratio, ref kl, ref information);
                T.Store(ratio, all.LogRatio, T.Slice(at, k), i);
            }

            T.StoreByRow(T.SumByRow(kl, k), all.MarginalKl, at, k);
            T.StoreByRow(T.SumByRow(information, k), all.Information, at, k);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Mean<T>(in Cells logProbabilities, in RowPlace at, int i, int count, out T logMean, out T negentropy)
            where T : struct, IRows<T>
        {
            T max = T.Fill(Smallest), sum = T.Fill(0f), entropy = sum;
            for (int b = 0; b < count; b++)
                max = T.Max(max, T.Load(logProbabilities, T.Slice(at.Behind(b * all.Variables), all.K), i, float.NegativeInfinity));
            for (int b = 0; b < count; b++)
                Add(T.Load(logProbabilities, T.Slice(at.Behind(b * all.Variables), all.K), i, float.NegativeInfinity), max, ref sum, ref entropy);
            MarginalKl.Mean(max, sum, entropy, count, out logMean, out negentropy);
        }
    }

    internal readonly struct ForwardTile : ITileBody
    {
        private readonly Forward all;
        private readonly int across, log2Across;

        internal ForwardTile(ComputeDevice device, MarginalKlTerms terms)
        {
            all = new(terms);
            across = Math.Clamp((int)BitOperations.RoundUpToPowerOf2((uint)all.K), Math.Min(FewestAcross, device.GroupSize), device.GroupSize);
            log2Across = BitOperations.Log2((uint)across);
        }

        public void Tile(int tile)
        {
            TeamRow<OneLane, Scalar> kl = new(Scalar.Fill(0f)), information = kl;
            for (int start = 0; start < all.K; start += across)
            {
                int category = start + (Group.IdxX & (across - 1));
                Mean(all.LogPosterior.View, tile, category, all.Examples, out TeamRow<OneLane, Scalar> logMean, out TeamRow<OneLane, Scalar> negentropy);
                TeamRow<OneLane, Scalar> logPriorMean = new(Scalar.Fill(all.UniformLogProbability));
                if (all.PriorExamples > 0)
                {
                    Mean(all.LogPrior.View, tile, category, all.PriorExamples, out logPriorMean, out _);
                    Group.Barrier();
                }

                // All that have the category know its means; the first of them writes.
                if (category < all.K && Group.IdxX < across)
                {
                    Add(logMean, negentropy, logPriorMean, out TeamRow<OneLane, Scalar> ratio, ref kl, ref information);
                    all.LogRatio.View[((long)tile * all.K) + category] = TeamRow<OneLane, Scalar>.Number(ratio);
                }
            }

            float klSum = OneGroup.Sum(TeamRow<OneLane, Scalar>.Number(kl)), informationSum = OneGroup.Sum(TeamRow<OneLane, Scalar>.Number(information));
            if (Group.IdxX == 0)
            {
                all.MarginalKl.View[tile] = klSum;
                all.Information.View[tile] = informationSum;
            }
        }

        // Lanes of the same category share the examples.
        private void Mean(
            ArrayView<float> logProbabilities, int variable, int category, int count, out TeamRow<OneLane, Scalar> logMean,
                out TeamRow<OneLane, Scalar> negentropy)
        {
            int end = category < all.K ? count : 0, step = Group.DimX >> log2Across;
            ArrayView<float> own = logProbabilities.SubView((long)variable * all.K);
            long width = (long)all.Variables * all.K;
            TeamRow<OneLane, Scalar> max = new(Scalar.Fill(Smallest)), sum = new(Scalar.Fill(0f)), entropy = sum;
            for (int b = Group.IdxX >> log2Across; b < end; b += step)
                max = TeamRow<OneLane, Scalar>.Max(max, new(Scalar.Fill(own[(b * width) + category])));
            max = OverExamples(max, takesLargest: true);
            for (int b = Group.IdxX >> log2Across; b < end; b += step)
                Add(new(Scalar.Fill(own[(b * width) + category])), max, ref sum, ref entropy);
            MarginalKl.Mean(max, OverExamples(sum, takesLargest: false), OverExamples(entropy, takesLargest: false), count, out logMean, out negentropy);
        }

        // What the lanes of a category found, on all of them.
        private TeamRow<OneLane, Scalar> OverExamples(TeamRow<OneLane, Scalar> value, bool takesLargest)
        {
            ArrayView<float> shared = SharedMemory.Allocate<float>(MostLanes);
            int lane = Group.IdxX;
            shared[lane] = TeamRow<OneLane, Scalar>.Number(value);
            Group.Barrier();
            for (int half = Group.DimX / 2; half >= across; half /= 2)
            {
                if (lane < half)
                {
                    float own = shared[lane], other = shared[lane + half];
                    shared[lane] = takesLargest ? Elementary.Max(own, other) : own + other;
                }

                Group.Barrier();
            }

            float result = shared[lane & (across - 1)];

            // A fast lane must not begin the next ones while a slow one still reads.
            Group.Barrier();
            return new(Scalar.Fill(result));
        }
    }
}
