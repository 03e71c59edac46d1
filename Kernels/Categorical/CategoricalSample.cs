using ILGPU;
using ILGPU.Util;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// Samples z ~ Categorical(softmax(l)) by the Gumbel-max trick, z = argmax_k (l_k + g_k), as one-hot rows. A masked category (minus infinity) is
/// never drawn; of equal sums the lowest category wins.
/// </summary>
/// <remarks>The trick: E. J. Gumbel 1954; C. J. Maddison, D. Tarlow, T. Minka, "A* sampling", NeurIPS 2014.</remarks>
public static class CategoricalSample
{
    private const string Name = "categorical-sample";

    /// <summary>
    /// Records oneHot [B S N, K] from logits [B N, K]: rows of the samples are [example, sample, variable], rows of the logits [example, variable]. Noise row r of the
    /// stream belongs to sample row r.
    /// </summary>
    /// <param name="list">Where to record.</param>
    /// <param name="state">Its Step keys the noise.</param>
    /// <param name="logits">The logits.</param>
    /// <param name="oneHot">The samples.</param>
    /// <param name="seed">Key of the noise.</param>
    /// <param name="stream">Who draws.</param>
    /// <param name="samplesPerRow">S.</param>
    /// <param name="variables">N.</param>
    public static void Record(LaunchList list, ArrayView<StepState> state, Matrix logits, Matrix oneHot, ulong seed, Randomness stream, int samplesPerRow = 1, int variables = 1)
    {
        (int rows, int k) = (oneHot.Rows, logits.Columns);
        oneHot.Require(logits.Rows * samplesPerRow, k, nameof(oneHot));

        Sampling sampling = new(state, logits.View, oneHot.View, rows, k, seed, stream, samplesPerRow, variables);

        // Rows of one vector then have logits that lie together too.
        if (PackedRows.Fit(list.Device, k) && (samplesPerRow == 1 || variables * k % ProcessorVector.Width == 0))
            list.RowPerLane(Name, PackedRows.Groups(rows, k), new PackedVectors(sampling), Cost(rows, k));
        else
            VectorRows.Record(list.Device, rows, k, new Launch(list, sampling));
    }

    /// <summary>Reads the logits and writes the one-hot rows once; the noise's two logarithms each.</summary>
    public static KernelCost Cost(int rows, int k) => KernelCost.Floats(2L * rows * k, 4L * rows * k);

    private readonly struct Launch(LaunchList list, Sampling sampling) : IRowLaunch
    {
        public void Record<TTeam, TVector>()
            where TTeam : struct, ITeam
            where TVector : struct, IVector<TVector>
        {
            (int rows, int k) = (sampling.Rows, sampling.K);
            if (typeof(TVector) == typeof(ProcessorVector))
                list.RowPerLane(Name, rows, new RowVectors(sampling), Cost(rows, k));
            else if (typeof(TVector) == typeof(Vector4))
                list.Rows<TTeam, Fours<TTeam>>(Name, rows, k / Vector4.Width, new(sampling), Cost(rows, k));
            else if (typeof(TTeam) == typeof(OneGroup))
                list.RowPerGroup(Name, rows, k, new Rows<OneGroup>(sampling), Cost(rows, k));
            else
                // A lane draws blocks of four: most of a warp would wait for a few.
                list.RowPerLane(Name, rows, new Rows<OneLane>(sampling), Cost(rows, k));
        }
    }

    internal readonly struct Sampling(
        ArrayView<StepState> state, ArrayView<float> logits, ArrayView<float> oneHot, int rows, int k, ulong seed, Randomness stream, int samplesPerRow, int variables)
    {
        internal ArrayView<float> Logits => logits;

        internal ArrayView<float> OneHot => oneHot;

        internal int Rows => rows;

        internal int K => k;

        internal int Step => state[0].Step;

        internal ulong Seed => seed;

        internal Randomness Stream => stream;

        // Rows are [example, sample, variable]; logits are [example, variable].
        internal long LogitsStart(int row) => (long)((row / (samplesPerRow * variables) * variables) + (row % variables)) * k;

        internal ArrayView<float> LogitsRow(int row) => logits.SubView(LogitsStart(row), k);

        internal ArrayView<float> OneHotRow(int row) => oneHot.SubView((long)row * k, k);
    }

    internal readonly struct RowVectors(Sampling sampling) : IRowBody
    {
        public void Row(int row)
        {
            ArrayView<float> target = sampling.OneHotRow(row);
            (float max, _) = GumbelNoise.PerturbVectors(sampling.LogitsRow(row), target, sampling.K, sampling.Seed, sampling.Stream, sampling.Step, row, held: 0);
            OneHotRow.Write(target, target, sampling.K, max);
        }
    }

    internal readonly struct PackedVectors(Sampling sampling) : IRowBody
    {
        public void Row(int group)
        {
            int k = sampling.K;
            RowPlace at = PackedRows.Place(group, sampling.Rows, k);
            RowPlace logitsAt = at with { First = sampling.LogitsStart(group * (PackedRows.Width / k)) };
            PackedRows y = PackedRows.Load(sampling.Logits, logitsAt, 0, 0f) + GumbelNoise.Packed(sampling.Seed, sampling.Stream, sampling.Step, group, k);
            PackedRows.Store(PackedRows.OneHot(y, PackedRows.MaxByRow(y, k), k), sampling.OneHot, at, 0);
        }
    }

    internal readonly struct Fours<TTeam>(Sampling sampling) : IRowBody
        where TTeam : struct, ITeam
    {
        public void Row(int row)
        {
            // Nothing is kept of the sums but the largest.
            ArrayView<float> target = sampling.OneHotRow(row);
            (float best, int bestAt, _) = GumbelNoise.PerturbFours<TTeam>(sampling.LogitsRow(row), target, sampling.K, sampling.Seed, sampling.Stream, sampling.Step, row, held: 1);
            float winner = TTeam.Max(best);
            int chosen = TTeam.Min(Utilities.Select(best == winner, bestAt, sampling.K - 1));
            for (int i = TTeam.Lane * Vector4.Width; i < sampling.K; i += TTeam.Lanes * Vector4.Width)
                Vector4.Store(Vector4.Of(i == chosen ? 1f : 0f, i + 1 == chosen ? 1f : 0f, i + 2 == chosen ? 1f : 0f, i + 3 == chosen ? 1f : 0f), target, i);
        }
    }

    internal readonly struct Rows<TTeam>(Sampling sampling) : IRowBody
        where TTeam : struct, ILaneOrGroup
    {
        public void Row(int row)
        {
            ArrayView<float> l = sampling.LogitsRow(row), target = sampling.OneHotRow(row);
            int k = sampling.K;
            float best = float.NegativeInfinity;
            int bestAt = k - 1;
            for (int block = TTeam.Lane; block * 4 < k; block += TTeam.Lanes)
            {
                Philox4 words = GumbelNoise.Block(sampling.Seed, sampling.Stream, sampling.Step, row, block);
                int count = IntrinsicMath.Min(4, k - (block * 4));
                for (int j = 0; j < count; j++)
                {
                    int i = (block * 4) + j;
                    float sum = l[i] + GumbelNoise.At(Philox.Word(words, j));
                    if (sum > best)
                    {
                        best = sum;
                        bestAt = i;
                    }
                }
            }

            float winner = TTeam.Max(best);
            int chosen = TTeam.Min(Utilities.Select(best == winner, bestAt, k - 1));
            for (int i = TTeam.Lane; i < k; i += TTeam.Lanes)
                target[i] = i == chosen ? 1f : 0f;
        }
    }
}
