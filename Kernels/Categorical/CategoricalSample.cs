using System.Runtime.CompilerServices;
using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// Samples z ~ Categorical(softmax(l)) by the Gumbel-max trick, z = argmax_k (l_k + g_k). A masked category (minus infinity) is
/// never drawn; of equal sums the lowest category wins.
/// </summary>
/// <remarks>The trick: E. J. Gumbel 1954; C. J. Maddison, D. Tarlow, T. Minka, "A* sampling", NeurIPS 2014.</remarks>
public static class CategoricalSample
{
    /// <summary>
    /// Records the category numbers of B S codes from logits [B N, K]: rows of the codes are [example, sample], rows of the logits [example, variable]. Noise
    /// row r of the stream belongs to the r-th number.
    /// </summary>
    /// <param name="list">Where to record.</param>
    /// <param name="state">Its Step keys the noise.</param>
    /// <param name="logits">The logits.</param>
    /// <param name="codes">The samples.</param>
    /// <param name="seed">Key of the noise.</param>
    /// <param name="stream">Who draws.</param>
    /// <param name="samplesPerRow">S.</param>
    public static void Record(LaunchList list, ArrayView<StepState> state, Matrix logits, Codes codes, ulong seed, Randomness stream, int samplesPerRow = 1)
    {
        (int n, int k) = (codes.Variables, logits.Columns);
        int rows = checked(codes.Rows * n);
        codes.Require(logits.Rows / n * samplesPerRow, n, k, nameof(codes));

        // Of several samples a vector's rows have their logits side by side only where an example's fill vectors.
        bool packs = samplesPerRow == 1 || n * k % RowShape.PackedElements == 0;
        Kernel kernel = new(state, logits, codes.Numbers, rows, k, seed, stream, samplesPerRow, n);
        list.Rows("categorical-sample", rows, k, kernel, Cost(rows, k), RowTraits.Draws | (packs ? RowTraits.None : RowTraits.Apart));
    }

    /// <summary>Reads the logits and writes a number a row; the noise's two logarithms each.</summary>
    public static KernelCost Cost(int rows, int k) => KernelCost.Floats((long)rows * (k + 1), 4L * rows * k);

    /// <summary>
    /// Where each row's largest number stands, from each place's largest <paramref name="max"/>, met at <paramref name="maxAt"/>, and the largest of all: the
    /// lowest where there are several, the last where there is none.
    /// </summary>
    internal static T Winner<T>(T max, T maxAt, T rowMax, int k)
        where T : struct, IRows<T>
    {
        T none = T.Fill(0f);
        return none - T.MaxByRow(T.WhereEqual(max, rowMax, none - maxAt, T.Fill(1 - k)), k);
    }

    internal readonly struct Kernel(
        ArrayView<StepState> state, Cells logits, ArrayView<int> numbers, int rows, int k, ulong seed, Randomness stream, int samplesPerRow,
            int variables) : IRowKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row<T>(int unit)
            where T : struct, IRows<T>
        {
            RowPlace at = T.Place(unit, rows, k);
            RowSlice logitsRow = T.Slice(new RowPlace(LogitsRow(at.First), LogitsRow(at.Second), at.Count), k);
            GumbelNoise.Perturb(logits, logitsRow, new RandomRow(seed, stream, state[0].Step, 0), at, k, logits, keeps: false, out T max, out T maxAt, out T _);
            T.StoreByRow(Winner(max, maxAt, T.MaxByRow(max, k), k), numbers, at, k);
        }

        // Rows are [example, sample, variable]; logits are [example, variable].
        private int LogitsRow(int row) => (row / (samplesPerRow * variables) * variables) + (row % variables);
    }
}
