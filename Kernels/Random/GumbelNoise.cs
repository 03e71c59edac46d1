using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// Standard Gumbel noise g = -log(-log u), u uniform on (0, 1). Other kernels call <see cref="At"/> and never store it; the launch
/// below fills a matrix for tests and for callers who want the noise itself.
/// </summary>
public static class GumbelNoise
{
    /// <summary>The four values for columns 4 * <paramref name="block"/> to 4 * <paramref name="block"/> + 3 of a row.</summary>
    public static Philox4 Block(ulong seed, Randomness stream, int step, int row, int block) =>
        Philox.Generate((uint)block, (uint)row, (uint)step, (uint)stream, seed);

    /// <summary>The Gumbel value that one random word makes.</summary>
    public static float At(uint word) => Scalar.Sum(Of(Scalar.Fill(Philox.Uniform(word))));

    /// <summary>
    /// Writes l + g of a row of K logits to <paramref name="perturbed"/>, each lane its own blocks of four, and returns the largest that this lane met and where.
    /// </summary>
    internal static (float Max, int At) Perturb<TTeam>(ArrayView<float> logits, ArrayView<float> perturbed, int k, ulong seed, Randomness stream, int step, int row)
        where TTeam : struct, ITeam
    {
        float max = float.NegativeInfinity;
        int maxAt = k - 1;
        for (int block = TTeam.Lane; block * 4 < k; block += TTeam.Lanes)
        {
            Philox4 words = Block(seed, stream, step, row, block);
            int count = IntrinsicMath.Min(4, k - (block * 4));
            for (int j = 0; j < count; j++)
            {
                int i = (block * 4) + j;
                float value = logits[i] + At(Philox.Word(words, j));
                perturbed[i] = value;
                if (value > max)
                {
                    max = value;
                    maxAt = i;
                }
            }
        }

        return (max, maxAt);
    }

    /// <summary>
    /// The same for K a multiple of four, with one access for each block's logits and one for its sums; also returns the last block's sums. A row that its lanes hold is not written.
    /// </summary>
    internal static (float Max, int At, Vector4 Last) PerturbFours<TTeam>(ArrayView<float> logits, ArrayView<float> perturbed, int k, ulong seed, Randomness stream, int step, int row, int held)
        where TTeam : struct, ITeam
    {
        float max = float.NegativeInfinity;
        int maxAt = k - 1;
        Vector4 last = Vector4.Fill(0f);
        for (int i = TTeam.Lane * Vector4.Width; i < k; i += TTeam.Lanes * Vector4.Width)
        {
            last = Vector4.Load(logits, i) + Four(seed, stream, step, row, i);
            if (held == 0)
                Vector4.Store(last, perturbed, i);
            float largest = Vector4.Largest(last);
            if (largest > max)
            {
                max = largest;
                maxAt = i + Vector4.FirstOf(last, largest);
            }
        }

        return (max, maxAt, last);
    }

    /// <summary>The four values from column <paramref name="column"/> of a row on, a multiple of four.</summary>
    internal static Vector4 Four(ulong seed, Randomness stream, int step, int row, int column) => Of(Philox.Uniforms(Block(seed, stream, step, row, column / 4)));

    /// <summary>The sixteen values from column <paramref name="column"/> of a row on, a multiple of sixteen.</summary>
    internal static ProcessorVector Sixteen(ulong seed, Randomness stream, int step, int row, int column) => Of(Philox.Uniforms(Philox.Generate(
        ProcessorWords.CountFrom((uint)column / 4), ProcessorWords.Fill((uint)row), ProcessorWords.Fill((uint)step), ProcessorWords.Fill((uint)stream), seed)));

    /// <summary>The values for group number <paramref name="group"/> of packed rows of K elements.</summary>
    internal static PackedRows Packed(ulong seed, Randomness stream, int step, int group, int k)
    {
        int row = group * (ProcessorVector.Width / k);
        if (k == 2)
        {
            (ProcessorWords x, ProcessorWords y, _, _) = BlocksFrom(seed, stream, step, (uint)row, 0);
            (ProcessorWords nextX, ProcessorWords nextY, _, _) = BlocksFrom(seed, stream, step, (uint)row + 4, 0);
            return new PackedRows(Of(Philox.Uniforms(ProcessorVector.UpperBitsOfPairs(x, y, nextX, nextY))));
        }

        uint halves = k == 8 ? 1u : 0u;
        return new PackedRows(Of(Philox.Uniforms(BlocksFrom(seed, stream, step, (uint)row << (int)halves, halves))));
    }

    // Four blocks in the order of their numbers, which count all rows' blocks: one a row, or two.
    private static (ProcessorWords X, ProcessorWords Y, ProcessorWords Z, ProcessorWords W) BlocksFrom(ulong seed, Randomness stream, int step, uint first, uint halves)
    {
        ProcessorWords blocks = ProcessorWords.CountFrom(first);
        return Philox.Generate(ProcessorWords.Masked(blocks, halves), ProcessorWords.ShiftedRight(blocks, halves), ProcessorWords.Fill((uint)step), ProcessorWords.Fill((uint)stream), seed);
    }

    /// <summary>As <see cref="Perturb"/>, in vectors, and returns the row's largest and its last vector. A row of one vector that is held is not written.</summary>
    internal static (float Max, ProcessorVector Last) PerturbVectors(ArrayView<float> logits, ArrayView<float> perturbed, int k, ulong seed, Randomness stream, int step, int row, int held)
    {
        ProcessorVector max = ProcessorVector.Fill(float.NegativeInfinity), last = max;
        for (int i = 0; i < k; i += ProcessorVector.Width)
        {
            last = ProcessorVector.LoadPart(logits, i, k - i, float.NegativeInfinity) + Sixteen(seed, stream, step, row, i);
            if (held == 0)
                ProcessorVector.StorePart(last, perturbed, i, k - i);
            max = ProcessorVector.Max(last, max);
        }

        return (ProcessorVector.Largest(max), last);
    }

    private static TVector Of<TVector>(TVector u)
        where TVector : struct, IVector<TVector>
    {
        TVector none = TVector.Fill(0f);
        return none - Elementary.Log(none - Elementary.Log(u));
    }

    /// <summary>Records noise [R, K] for the step in <paramref name="state"/>.</summary>
    public static void Record(LaunchList list, ArrayView<StepState> state, Matrix noise, ulong seed, Randomness stream)
    {
        if (VectorRows.OnProcessor(list.Device))
            list.RowPerLane("gumbel-noise", noise.Rows, new RowVectors(state, noise.View, noise.Columns, seed, stream), Cost(noise.Rows, noise.Columns));
        else
            list.RowPerLane("gumbel-noise", noise.Rows, new Rows(state, noise.View, noise.Columns, seed, stream), Cost(noise.Rows, noise.Columns));
    }

    /// <summary>Writes each element once; two logarithms and ten rounds of Philox for four of them.</summary>
    public static KernelCost Cost(int rows, int columns) => KernelCost.Floats((long)rows * columns, 2L * rows * columns);

    internal readonly struct RowVectors(ArrayView<StepState> state, ArrayView<float> noise, int columns, ulong seed, Randomness stream) : IRowBody
    {
        public void Row(int row)
        {
            int step = state[0].Step;
            ArrayView<float> target = noise.SubView((long)row * columns, columns);
            for (int k = 0; k < columns; k += ProcessorVector.Width)
                ProcessorVector.StorePart(Sixteen(seed, stream, step, row, k), target, k, columns - k);
        }
    }

    internal readonly struct Rows(ArrayView<StepState> state, ArrayView<float> noise, int columns, ulong seed, Randomness stream) : IRowBody
    {
        public void Row(int row)
        {
            int step = state[0].Step;
            ArrayView<float> target = noise.SubView((long)row * columns, columns);
            for (int k = 0; k < columns; k += 4)
            {
                Philox4 words = Block(seed, stream, step, row, k / 4);
                int count = IntrinsicMath.Min(4, columns - k);
                for (int j = 0; j < count; j++)
                    target[k + j] = At(Philox.Word(words, j));
            }
        }
    }
}
