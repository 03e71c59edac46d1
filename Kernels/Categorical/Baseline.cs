using System.Runtime.CompilerServices;
using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>Baselines of the score function: advantages a [B S, 1] from log-likelihoods f [B S, 1], rows [example, sample].</summary>
internal static class Baseline
{
    /// <summary>Records a_s = f_s less the mean of the example's other samples; S at least 2.</summary>
    /// <remarks>W. Kool, H. van Hoof, M. Welling, "Buy 4 REINFORCE samples, get a baseline for free!", 2019.</remarks>
    public static void LeaveOneOut(LaunchList list, Matrix logLikelihood, Matrix advantages, int samples)
    {
        advantages.Require(logLikelihood.Rows, 1, nameof(advantages));
        if (samples < 2)
            throw new ArgumentException($"leave-one-out needs at least 2 samples, not {samples}.", nameof(samples));
        list.RowPerLane(
            "baseline.leave-one-out", logLikelihood.Rows / samples, new LeaveOneOutRows(logLikelihood.View, advantages.View, samples), Cost(logLikelihood));
    }

    /// <summary>Records a = f - baseline [B, 1], the same baseline for all samples of an example.</summary>
    public static void Subtract(LaunchList list, Matrix logLikelihood, Matrix baseline, Matrix advantages) =>
        list.Elements(
            "baseline.subtract",
            logLikelihood.Rows,
            new SubtractBody(logLikelihood.View, baseline.View, advantages.View, logLikelihood.Rows / baseline.Rows),
            Cost(logLikelihood));

    /// <summary>
    /// Records a = f - m with the moving average m = average[0] from before this step (0 at first), then average = decay average + (1 - decay) mean f, average
    /// [1, 2] holding the sum and, to correct its start, its weight.
    /// </summary>
    public static void MovingAverage(LaunchList list, Matrix logLikelihood, Matrix average, Matrix advantages, float decay)
    {
        average.Require(1, 2, nameof(average));
        int n = logLikelihood.Rows;
        MovingAverageKernel kernel = new(logLikelihood.View, average.View, advantages.View, decay);
        list.TeamRows("baseline.moving-average", 1, n, n, kernel, Cost(logLikelihood));
    }

    /// <summary>
    /// Records what a baseline network that predicts a learns from: baselineGrad [B, 1], the gradient of the mean squared advantage, -(2 / B S) sum_s a_s.
    /// </summary>
    /// <remarks>A. Mnih, K. Gregor, "Neural variational inference and learning in belief networks", ICML 2014, equation 10.</remarks>
    public static void NetworkGrad(LaunchList list, Matrix advantages, Matrix baselineGrad) =>
        list.Elements(
            "baseline.network-grad",
            baselineGrad.Rows,
            new NetworkGradBody(advantages.View, baselineGrad.View, advantages.Rows / baselineGrad.Rows, 2f / advantages.Rows),
            KernelCost.Floats(advantages.Length + baselineGrad.Length, advantages.Length));

    /// <summary>
    /// Records normalised [R, 1] = a / max(1, sqrt(v)), in place of a where that is the same matrix, with the moving average v = average[0] / average[1] of
    /// squared advantages from before this step (1 at first), then updates average [1, 2]. The estimate keeps its direction; its scale varies from step to
    /// step.
    /// </summary>
    /// <remarks>A. Mnih, K. Gregor, ICML 2014, section 3.2.2.</remarks>
    public static void NormaliseVariance(LaunchList list, Matrix advantages, Matrix normalised, Matrix average, float decay)
    {
        normalised.Require(advantages.Rows, 1, nameof(normalised));
        average.Require(1, 2, nameof(average));
        int n = advantages.Rows;
        NormaliseVarianceKernel kernel = new(advantages.View, normalised.View, average.View, decay);
        list.TeamRows("baseline.normalise-variance", 1, n, n, kernel, Cost(advantages));
    }

    /// <summary>Reads f and writes a once.</summary>
    public static KernelCost Cost(Matrix logLikelihood) => KernelCost.Floats(2 * logLikelihood.Length, 2 * logLikelihood.Length);

    internal readonly struct LeaveOneOutRows(ArrayView<float> f, ArrayView<float> advantages, int samples) : IRowBody
    {
        public void Row(int row)
        {
            ArrayView<float> values = f.SubView((long)row * samples, samples);

            // f_s less the mean of the others is (f_s - mean) S / (S - 1). Taken relative to the first sample, so that the mean does not round at the size of
            // the values' large common part.
            float first = values[0];
            float mean = 0f;
            for (int s = 0; s < samples; s++)
                mean += (values[s] - first) / samples;
            float scale = samples / (samples - 1f);
            for (int s = 0; s < samples; s++)
                advantages[(row * samples) + s] = scale * (values[s] - first - mean);
        }
    }

    internal readonly struct SubtractBody(ArrayView<float> f, ArrayView<float> baseline, ArrayView<float> advantages, int samples) : IElementBody
    {
        public void At(int i) => advantages[i] = f[i] - baseline[i / samples];
    }

    internal readonly struct NetworkGradBody(ArrayView<float> advantages, ArrayView<float> baselineGrad, int samples, float scale) : IElementBody
    {
        public void At(int i)
        {
            float sum = 0f;
            for (int s = 0; s < samples; s++)
                sum += advantages[((long)i * samples) + s];
            baselineGrad[i] = -scale * sum;
        }
    }

    internal readonly struct NormaliseVarianceKernel(
        ArrayView<float> advantages, ArrayView<float> normalised, ArrayView<float> average, float decay) : ITeamKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row<TTeam, TVector>(int row)
            where TTeam : struct, ITeam
            where TVector : struct, IVector<TVector>
        {
            int n = advantages.IntLength;

            // The sum is read in the branch, which thereby stays one: a number without one is computed where it is used, at each turn of the loop.
            float weight = average[1], scale = 1f;
            if (weight > 0f)
                scale = 1f / Elementary.Max(1f, MathF.Sqrt(average[0] / weight));
            TVector sums = TVector.Fill(0f);
            for (int i = TTeam.Lane * TVector.Width; i < n; i += TTeam.Lanes * TVector.Width)
            {
                // Read once: a compiler that takes the two views for different memory may read it again after it was written.
                TVector advantage = TVector.LoadPart(advantages, i, n - i, 0f);
                sums = TVector.MultiplyAdd(advantage, advantage, sums);
                TVector.StorePart(advantage * TVector.Fill(scale), normalised, i, n - i);
            }

            Update<TTeam>(average, weight, TTeam.Sum(TVector.Sum(sums)) / n, decay);
        }
    }

    internal readonly struct MovingAverageKernel(ArrayView<float> f, ArrayView<float> average, ArrayView<float> advantages, float decay) : ITeamKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row<TTeam, TVector>(int row)
            where TTeam : struct, ITeam
            where TVector : struct, IVector<TVector>
        {
            int n = f.IntLength;
            float weight = average[1], baseline = 0f;
            if (weight > 0f)
                baseline = average[0] / weight;
            TVector sums = TVector.Fill(0f);
            for (int i = TTeam.Lane * TVector.Width; i < n; i += TTeam.Lanes * TVector.Width)
            {
                TVector value = TVector.LoadPart(f, i, n - i, 0f);
                sums += value;
                TVector.StorePart(value - TVector.Fill(baseline), advantages, i, n - i);
            }

            Update<TTeam>(average, weight, TTeam.Sum(TVector.Sum(sums)) / n, decay);
        }
    }

    // A moving average, the sum and its weight, takes in this step's value: the first lane's, behind a sum that all lanes waited for.
    private static void Update<TTeam>(ArrayView<float> average, float weight, float value, float decay)
        where TTeam : struct, ITeam
    {
        if (TTeam.Lane == 0)
        {
            average[0] = (decay * average[0]) + ((1f - decay) * value);
            average[1] = (decay * weight) + (1f - decay);
        }
    }
}
