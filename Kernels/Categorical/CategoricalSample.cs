using System.Runtime.CompilerServices;
using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// Samples z ~ Categorical(softmax(l)) by the Gumbel-max trick, z = argmax_k (l_k + g_k), as one-hot rows. A masked category (minus infinity) is
/// never drawn; of equal sums the lowest category wins.
/// </summary>
/// <remarks>The trick: E. J. Gumbel 1954; C. J. Maddison, D. Tarlow, T. Minka, "A* sampling", NeurIPS 2014.</remarks>
public static class CategoricalSample
{
    private const int PackedElements = 16;

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

        // Of several samples a vector's rows have their logits side by side only where an example's fill vectors.
        bool packs = samplesPerRow == 1 || variables * k % PackedElements == 0;
        Kernel kernel = new(state, logits, oneHot, rows, k, seed, stream, samplesPerRow, variables);
        list.Rows("categorical-sample", rows, k, kernel, Cost(rows, k), RowTraits.Draws | (packs ? RowTraits.None : RowTraits.Apart));
    }

    /// <summary>Reads the logits and writes the one-hot rows once; the noise's two logarithms each.</summary>
    public static KernelCost Cost(int rows, int k) => KernelCost.Floats(2L * rows * k, 4L * rows * k);

    /// <summary>
    /// Where each row's largest number stands, from each place's largest <paramref name="max"/>, met at <paramref name="maxAt"/>, and the largest of all: the lowest where there are several, the
    /// last where there is none.
    /// </summary>
    internal static T Winner<T>(T max, T maxAt, T rowMax, int k)
        where T : struct, IRows<T>
    {
        T none = T.Fill(0f);
        return none - T.MaxByRow(T.WhereEqual(max, rowMax, none - maxAt, T.Fill(1 - k)), k);
    }

    internal readonly struct Kernel(
        ArrayView<StepState> state, Cells logits, Cells oneHot, int rows, int k, ulong seed, Randomness stream, int samplesPerRow, int variables) : IRowKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row<T>(int unit)
            where T : struct, IRows<T>
        {
            RowPlace at = T.Place(unit, rows, k);
            RowSlice logitsRow = T.Slice(new RowPlace(LogitsRow(at.First), LogitsRow(at.Second), at.Count), k);
            GumbelNoise.Perturb(logits, logitsRow, new RandomRow(seed, stream, state[0].Step, 0), at, k, logits, keeps: false, out T max, out T maxAt, out T _);
            OneHot.Write(Winner(max, maxAt, T.MaxByRow(max, k), k), oneHot, T.Slice(at, k), k);
        }

        // Rows are [example, sample, variable]; logits are [example, variable].
        private int LogitsRow(int row) => (row / (samplesPerRow * variables) * variables) + (row % variables);
    }
}
