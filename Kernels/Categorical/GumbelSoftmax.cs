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
        VectorRows.Record(list.Device, rows, k, new ForwardLaunch(list, state, logits, soft, hard, seed, stream));
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
        BackwardLaunch launch = new(list, state, soft, softGrad, logitsGrad);
        if (!RowGroups.TryRecord(list.Device, k, packs: true, launch))
            VectorRows.Record(list.Device, rows, k, launch);
    }

    /// <summary>Reads the logits and writes y once; the noise's two logarithms and an exponential each.</summary>
    public static KernelCost Cost(int rows, int k) => KernelCost.Floats(2L * rows * k, 8L * rows * k);

    private readonly struct ForwardLaunch(LaunchList list, ArrayView<StepState> state, Matrix logits, Matrix soft, Matrix? hard, ulong seed, Randomness stream) : IRowLaunch
    {
        private const string Name = "gumbel-softmax.forward";

        public void Record<TTeam, TVector>()
            where TTeam : struct, ITeam
            where TVector : struct, IVector<TVector>
        {
            (int rows, int k) = (logits.Rows, logits.Columns);
            ArrayView<float> hardView = hard?.View ?? default;
            int hasHard = hard is null ? 0 : 1;
            if (PackedRows.Fit(list.Device, k))
                list.RowPerLane(Name, PackedRows.Groups(rows, k), new PackedForwardVectors(state, logits.View, soft.View, hardView, rows, k, hasHard, seed, stream), Cost(rows, k));
            else if (typeof(TVector) == typeof(ProcessorVector))
                list.RowPerLane(Name, rows, new ForwardVectors(state, logits.View, soft.View, hardView, k, hasHard, seed, stream, VectorRows.Held<OneLane, ProcessorVector>(list.Device, k)), Cost(rows, k));
            else if (typeof(TVector) == typeof(Vector4))
                list.Rows<TTeam, ForwardFours<TTeam>>(Name, rows, k / Vector4.Width, new(state, logits.View, soft.View, hardView, k, hasHard, seed, stream, VectorRows.Held<TTeam, Vector4>(list.Device, k)), Cost(rows, k));
            else if (typeof(TTeam) == typeof(OneGroup))
                list.RowPerGroup(Name, rows, k, new ForwardRows<OneGroup>(state, logits.View, soft.View, hardView, k, hasHard, seed, stream), Cost(rows, k));
            else
                // A lane draws blocks of four: most of a warp would wait for a few.
                list.RowPerLane(Name, rows, new ForwardRows<OneLane>(state, logits.View, soft.View, hardView, k, hasHard, seed, stream), Cost(rows, k));
        }
    }

    private readonly struct BackwardLaunch(LaunchList list, ArrayView<StepState> state, Matrix soft, Matrix softGrad, Matrix logitsGrad) : IRowLaunch, IGroupLaunch
    {
        private const string Name = "gumbel-softmax.backward";

        private KernelCost Cost => KernelCost.Floats(4 * soft.Length, 5 * soft.Length);

        public void Record<TTeam, TVector>()
            where TTeam : struct, ITeam
            where TVector : struct, IVector<TVector>
        {
            (int rows, int k) = (soft.Rows, soft.Columns);
            list.Rows<TTeam, BackwardRows<TTeam, TVector>>(Name, rows, VectorRows.Count<TVector>(k), new(state, soft.View, softGrad.View, logitsGrad.View, k), Cost);
        }

        public void Record<TRows>()
            where TRows : struct, IRowGroup<TRows>
        {
            (int rows, int k) = (soft.Rows, soft.Columns);
            list.RowPerLane(Name, TRows.Groups(rows, k), new BackwardGroupVectors<TRows>(state, soft.View, softGrad.View, logitsGrad.View, rows, k), Cost);
        }
    }

    // e^((y - max) / t) over its sum, in place; of a row that its lanes hold, y is in their registers and nothing is written but the result.
    private static void Normalise<TTeam, TVector>(ArrayView<float> y, int k, float max, float temperature, TVector last, int held)
        where TTeam : struct, ITeam
        where TVector : struct, IVector<TVector>
    {
        TVector sum = TVector.Fill(0f), shift = TVector.Fill(max), inverseTemperature = TVector.Fill(1f / temperature);
        for (int i = TTeam.Lane * TVector.Width; i < k; i += TTeam.Lanes * TVector.Width)
        {
            if (held == 0)
                last = TVector.LoadPart(y, i, k - i, float.NegativeInfinity);
            last = Elementary.Exp((last - shift) * inverseTemperature);
            if (held == 0)
                TVector.StorePart(last, y, i, k - i);
            sum += last;
        }

        TVector scale = TVector.Fill(1f / TTeam.Sum(TVector.Sum(sum)));
        for (int i = TTeam.Lane * TVector.Width; i < k; i += TTeam.Lanes * TVector.Width)
        {
            if (held == 0)
                last = TVector.LoadPart(y, i, k - i, 0f);
            TVector.StorePart(last * scale, y, i, k - i);
        }
    }

    internal readonly struct ForwardRows<TTeam>(
        ArrayView<StepState> state, ArrayView<float> logits, ArrayView<float> soft, ArrayView<float> hard, int k, int hasHard, ulong seed, Randomness stream) : IRowBody
        where TTeam : struct, ILaneOrGroup
    {
        public void Row(int row)
        {
            ArrayView<float> l = logits.SubView((long)row * k, k);
            ArrayView<float> y = soft.SubView((long)row * k, k);
            (float laneMax, int maxAt) = GumbelNoise.Perturb<TTeam>(l, y, k, seed, stream, state[0].Step, row);
            float max = TTeam.Max(laneMax);
            if (hasHard == 1)
            {
                int chosen = TTeam.Min(Utilities.Select(laneMax == max, maxAt, k - 1));
                for (int i = TTeam.Lane; i < k; i += TTeam.Lanes)
                    hard[((long)row * k) + i] = i == chosen ? 1f : 0f;
            }

            // The lanes that finish a row visit other elements than those that drew its noise.
            TTeam.Sync();
            Normalise<TTeam, Scalar>(y, k, max, state[0].Temperature, Scalar.Fill(0f), held: 0);
        }
    }

    // Four at a time a lane draws the noise of a whole block, and finishes what it drew itself.
    internal readonly struct ForwardFours<TTeam>(
        ArrayView<StepState> state, ArrayView<float> logits, ArrayView<float> soft, ArrayView<float> hard, int k, int hasHard, ulong seed, Randomness stream, int held) : IRowBody
        where TTeam : struct, ITeam
    {
        public void Row(int row)
        {
            ArrayView<float> y = soft.SubView((long)row * k, k);
            (float laneMax, int maxAt, Vector4 last) = GumbelNoise.PerturbFours<TTeam>(logits.SubView((long)row * k, k), y, k, seed, stream, state[0].Step, row, held);
            float max = TTeam.Max(laneMax);
            if (hasHard == 1)
            {
                int chosen = TTeam.Min(Utilities.Select(laneMax == max, maxAt, k - 1));
                ArrayView<float> target = hard.SubView((long)row * k, k);
                for (int i = TTeam.Lane * Vector4.Width; i < k; i += TTeam.Lanes * Vector4.Width)
                    Vector4.Store(Vector4.Of(i == chosen ? 1f : 0f, i + 1 == chosen ? 1f : 0f, i + 2 == chosen ? 1f : 0f, i + 3 == chosen ? 1f : 0f), target, i);
            }

            // The ways with and without barriers meet at one: PoCL otherwise loses the lanes' numbers.
            TTeam.Sync();
            Normalise<TTeam, Vector4>(y, k, max, state[0].Temperature, last, held);
        }
    }

    internal readonly struct ForwardVectors(
        ArrayView<StepState> state, ArrayView<float> logits, ArrayView<float> soft, ArrayView<float> hard, int k, int hasHard, ulong seed, Randomness stream, int held) : IRowBody
    {
        public void Row(int row)
        {
            ArrayView<float> l = logits.SubView((long)row * k, k);
            ArrayView<float> y = soft.SubView((long)row * k, k);
            (float max, ProcessorVector last) = GumbelNoise.PerturbVectors(l, y, k, seed, stream, state[0].Step, row, held == 1 && hasHard == 0 ? 1 : 0);
            if (hasHard == 1)
                OneHotRow.Write(y, hard.SubView((long)row * k, k), k, max);
            Normalise<OneLane, ProcessorVector>(y, k, max, state[0].Temperature, last, held);
        }
    }

    internal readonly struct BackwardRows<TTeam, TVector>(ArrayView<StepState> state, ArrayView<float> soft, ArrayView<float> softGrad, ArrayView<float> logitsGrad, int k) : IRowBody
        where TTeam : struct, ITeam
        where TVector : struct, IVector<TVector>
    {
        public void Row(int row)
        {
            ArrayView<float> y = soft.SubView((long)row * k, k);
            ArrayView<float> yGrad = softGrad.SubView((long)row * k, k);
            ArrayView<float> grad = logitsGrad.SubView((long)row * k, k);
            TVector inner = TVector.Fill(0f), inverseTemperature = TVector.Fill(1f / state[0].Temperature);
            for (int i = TTeam.Lane * TVector.Width; i < k; i += TTeam.Lanes * TVector.Width)
                inner = TVector.MultiplyAdd(TVector.LoadPart(y, i, k - i, 0f), TVector.LoadPart(yGrad, i, k - i, 0f), inner);
            TVector mean = TVector.Fill(TTeam.Sum(TVector.Sum(inner)));
            for (int i = TTeam.Lane * TVector.Width; i < k; i += TTeam.Lanes * TVector.Width)
            {
                TVector pulled = inverseTemperature * TVector.LoadPart(y, i, k - i, 0f) * (TVector.LoadPart(yGrad, i, k - i, 0f) - mean);
                TVector.StorePart(TVector.LoadPart(grad, i, k - i, 0f) + pulled, grad, i, k - i);
            }
        }
    }

    internal readonly struct PackedForwardVectors(
        ArrayView<StepState> state, ArrayView<float> logits, ArrayView<float> soft, ArrayView<float> hard, int rows, int k, int hasHard, ulong seed, Randomness stream) : IRowBody
    {
        public void Row(int group)
        {
            RowPlace at = PackedRows.Place(group, rows, k);
            PackedRows y = PackedRows.Load(logits, at, 0, 0f) + GumbelNoise.Packed(seed, stream, state[0].Step, group, k);
            PackedRows max = PackedRows.MaxByRow(y, k);
            if (hasHard == 1)
                PackedRows.Store(PackedRows.OneHot(y, max, k), hard, at, 0);
            y = PackedRows.Exp((y - max) * PackedRows.Fill(1f / state[0].Temperature));
            PackedRows.Store(y * PackedRows.ReciprocalByRow(PackedRows.SumByRow(y, k)), soft, at, 0);
        }
    }

    internal readonly struct BackwardGroupVectors<TRows>(
        ArrayView<StepState> state, ArrayView<float> soft, ArrayView<float> softGrad, ArrayView<float> logitsGrad, int rows, int k) : IRowBody
        where TRows : struct, IRowGroup<TRows>
    {
        public void Row(int group)
        {
            RowPlace at = TRows.Place(group, rows, k);
            TRows inner = TRows.Fill(0f), inverseTemperature = TRows.Fill(1f / state[0].Temperature);
            for (int i = 0; i < k; i += TRows.Width)
                inner += TRows.Load(soft, at, i, 0f) * TRows.Load(softGrad, at, i, 0f);
            TRows mean = TRows.SumByRow(inner, k);
            for (int i = 0; i < k; i += TRows.Width)
            {
                TRows pulled = inverseTemperature * TRows.Load(soft, at, i, 0f) * (TRows.Load(softGrad, at, i, 0f) - mean);
                TRows.Store(TRows.Load(logitsGrad, at, i, 0f) + pulled, logitsGrad, at, i);
            }
        }
    }
}
