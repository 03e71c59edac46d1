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

        // Rows of one vector then have logits that lie together too.
        if (VectorRows.OnProcessor(list.Device) && PackedRows.Fits(k) && (samplesPerRow == 1 || variables * k % ProcessorVector.Width == 0))
        {
            list.RowPerLane(Name, PackedRows.Groups(rows, k), new PackedVectors(state, logits.View, oneHot.View, rows, k, seed, stream, samplesPerRow, variables), Cost(rows, k));
            return;
        }

        if (VectorRows.OnProcessor(list.Device))
        {
            list.RowPerLane(Name, rows, new RowVectors(state, logits.View, oneHot.View, k, seed, stream, samplesPerRow, variables), Cost(rows, k));
            return;
        }

        list.Rows(
            Name,
            rows,
            k,
            new Rows<OneLane>(state, logits.View, oneHot.View, k, seed, stream, samplesPerRow, variables),
            new Rows<OneGroup>(state, logits.View, oneHot.View, k, seed, stream, samplesPerRow, variables),
            Cost(rows, k));
    }

    /// <summary>Reads the logits and writes the one-hot rows once; the noise's two logarithms each.</summary>
    public static KernelCost Cost(int rows, int k) => KernelCost.Floats(2L * rows * k, 4L * rows * k);

    // Rows are [example, sample, variable]; logits are [example, variable].
    private static int LogitsRow(int row, int samplesPerRow, int variables) => (row / (samplesPerRow * variables) * variables) + (row % variables);

    internal readonly struct RowVectors(
        ArrayView<StepState> state, ArrayView<float> logits, ArrayView<float> oneHot, int k, ulong seed, Randomness stream, int samplesPerRow, int variables) : IRowBody
    {
        public void Row(int row)
        {
            ArrayView<float> target = oneHot.SubView((long)row * k, k);
            ArrayView<float> l = logits.SubView((long)LogitsRow(row, samplesPerRow, variables) * k, k);
            (float max, _) = GumbelNoise.PerturbVectors(l, target, k, seed, stream, state[0].Step, row, held: 0);
            OneHotRow.Write(target, target, k, max);
        }
    }

    internal readonly struct PackedVectors(
        ArrayView<StepState> state, ArrayView<float> logits, ArrayView<float> oneHot, int rows, int k, ulong seed, Randomness stream, int samplesPerRow, int variables) : IRowBody
    {
        public void Row(int group)
        {
            RowPlace at = PackedRows.Place(group, rows, k);
            RowPlace logitsAt = at with { First = (long)LogitsRow(group * (PackedRows.Width / k), samplesPerRow, variables) * k };
            PackedRows y = PackedRows.Load(logits, logitsAt, 0, 0f) + GumbelNoise.Packed(seed, stream, state[0].Step, group, k);
            PackedRows.Store(PackedRows.OneHot(y, PackedRows.MaxByRow(y, k), k), oneHot, at, 0);
        }
    }

    internal readonly struct Rows<TTeam>(
        ArrayView<StepState> state, ArrayView<float> logits, ArrayView<float> oneHot, int k, ulong seed, Randomness stream, int samplesPerRow, int variables) : IRowBody
        where TTeam : struct, ITeam
    {
        public void Row(int row)
        {
            ArrayView<float> l = logits.SubView((long)LogitsRow(row, samplesPerRow, variables) * k, k);
            ArrayView<float> target = oneHot.SubView((long)row * k, k);
            int step = state[0].Step;
            float best = float.NegativeInfinity;
            int bestAt = k - 1;
            for (int block = TTeam.Lane; block * 4 < k; block += TTeam.Lanes)
            {
                Philox4 words = GumbelNoise.Block(seed, stream, step, row, block);
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
