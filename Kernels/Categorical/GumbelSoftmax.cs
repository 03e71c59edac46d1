using ILGPU;
using ILGPU.Util;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// The Gumbel-Softmax (Concrete) relaxation of a categorical variable, y = softmax((l + g) / t), g standard Gumbel noise, t &gt; 0 the step's
/// temperature, and its straight-through form whose forward value is the one-hot argmax of y. The noise is generated where it is used and never stored.
/// </summary>
/// <remarks>E. Jang, S. Gu, B. Poole, ICLR 2017; C. J. Maddison, A. Mnih, Y. W. Teh, ICLR 2017.</remarks>
public static class GumbelSoftmax
{
    /// <summary>The variant that rows of <paramref name="k"/> categories get.</summary>
    public static RowVariant VariantFor(ComputeDevice device, int k) => LaunchListExtensions.RowVariantFor(device, k);

    /// <summary>Records soft [R, K] = y, and hard [R, K] = onehot(argmax y) where it is given, from logits [R, K].</summary>
    public static void Forward(LaunchList list, ArrayView<StepState> state, Matrix logits, Matrix soft, Matrix? hard, ulong seed, Randomness stream)
    {
        (int rows, int k) = (logits.Rows, logits.Columns);
        soft.Require(rows, k, nameof(soft));
        hard?.Require(rows, k, nameof(hard));
        ArrayView<float> hardView = hard?.View ?? default;
        int hasHard = hard is null ? 0 : 1;
        if (VectorRows.OnProcessor(list.Device))
        {
            list.RowPerLane("gumbel-softmax.forward", rows, new ForwardVectors(state, logits.View, soft.View, hardView, k, hasHard, seed, stream), Cost(rows, k));
            return;
        }

        list.Rows(
            "gumbel-softmax.forward",
            rows,
            k,
            new ForwardRows<OneLane>(state, logits.View, soft.View, hardView, k, hasHard, seed, stream),
            new ForwardRows<OneGroup>(state, logits.View, soft.View, hardView, k, hasHard, seed, stream),
            Cost(rows, k));
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
        KernelCost cost = KernelCost.Floats(4L * rows * k, 5L * rows * k);
        list.Rows(
            "gumbel-softmax.backward",
            rows,
            k,
            new BackwardRows<OneLane>(state, soft.View, softGrad.View, logitsGrad.View, k),
            new BackwardRows<OneGroup>(state, soft.View, softGrad.View, logitsGrad.View, k),
            cost);
    }

    /// <summary>Reads the logits and writes y once; the noise's two logarithms and an exponential each.</summary>
    public static KernelCost Cost(int rows, int k) => KernelCost.Floats(2L * rows * k, 8L * rows * k);

    internal readonly struct ForwardRows<TTeam>(
        ArrayView<StepState> state, ArrayView<float> logits, ArrayView<float> soft, ArrayView<float> hard, int k, int hasHard, ulong seed, Randomness stream) : IRowBody
        where TTeam : struct, ITeam
    {
        public void Row(int row)
        {
            ArrayView<float> l = logits.SubView((long)row * k, k);
            ArrayView<float> y = soft.SubView((long)row * k, k);
            int step = state[0].Step;
            float inverseTemperature = 1f / state[0].Temperature;
            (float laneMax, int maxAt) = GumbelNoise.Perturb<TTeam>(l, y, k, seed, stream, step, row);
            float max = TTeam.Max(laneMax);
            if (hasHard == 1)
            {
                int chosen = TTeam.Min(Utilities.Select(laneMax == max, maxAt, k - 1));
                for (int i = TTeam.Lane; i < k; i += TTeam.Lanes)
                    hard[((long)row * k) + i] = i == chosen ? 1f : 0f;
            }

            // The lanes that finish a row visit other elements than those that drew its noise.
            TTeam.Sync();
            float sum = 0f;
            for (int i = TTeam.Lane; i < k; i += TTeam.Lanes)
            {
                float e = Elementary.Exp((y[i] - max) * inverseTemperature);
                y[i] = e;
                sum += e;
            }

            float scale = 1f / TTeam.Sum(sum);
            for (int i = TTeam.Lane; i < k; i += TTeam.Lanes)
                y[i] *= scale;
        }
    }

    internal readonly struct ForwardVectors(
        ArrayView<StepState> state, ArrayView<float> logits, ArrayView<float> soft, ArrayView<float> hard, int k, int hasHard, ulong seed, Randomness stream) : IRowBody
    {
        public void Row(int row)
        {
            ArrayView<float> l = logits.SubView((long)row * k, k);
            ArrayView<float> y = soft.SubView((long)row * k, k);
            float max = GumbelNoise.PerturbVectors(l, y, k, seed, stream, state[0].Step, row);
            if (hasHard == 1)
                OneHotRow.Write(y, hard.SubView((long)row * k, k), k, max);
            ProcessorVector sum = ProcessorVector.Fill(0f), shift = ProcessorVector.Fill(max), inverseTemperature = ProcessorVector.Fill(1f / state[0].Temperature);
            for (int i = 0; i < k; i += ProcessorVector.Width)
            {
                ProcessorVector e = Elementary.Exp((ProcessorVector.LoadPart(y, i, k - i, float.NegativeInfinity) - shift) * inverseTemperature);
                ProcessorVector.StorePart(e, y, i, k - i);
                sum += e;
            }

            ProcessorVector scale = ProcessorVector.Fill(1f / ProcessorVector.Sum(sum));
            for (int i = 0; i < k; i += ProcessorVector.Width)
                ProcessorVector.StorePart(ProcessorVector.LoadPart(y, i, k - i, 0f) * scale, y, i, k - i);
        }
    }

    internal readonly struct BackwardRows<TTeam>(ArrayView<StepState> state, ArrayView<float> soft, ArrayView<float> softGrad, ArrayView<float> logitsGrad, int k) : IRowBody
        where TTeam : struct, ITeam
    {
        public void Row(int row)
        {
            ArrayView<float> y = soft.SubView((long)row * k, k);
            ArrayView<float> yGrad = softGrad.SubView((long)row * k, k);
            ArrayView<float> grad = logitsGrad.SubView((long)row * k, k);
            float inverseTemperature = 1f / state[0].Temperature;
            float inner = 0f;
            for (int i = TTeam.Lane; i < k; i += TTeam.Lanes)
                inner += y[i] * yGrad[i];
            inner = TTeam.Sum(inner);
            for (int i = TTeam.Lane; i < k; i += TTeam.Lanes)
                grad[i] += inverseTemperature * y[i] * (yGrad[i] - inner);
        }
    }
}
