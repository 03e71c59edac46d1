using System.Runtime.CompilerServices;
using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// Standard Gumbel noise g = -log(-log u), u uniform on (0, 1). Other kernels draw it where they use it and never store it; the launch
/// below fills a matrix for tests and for callers who want the noise itself.
/// </summary>
/// <remarks>
/// A word n, signed, makes s = (n + 1/2) 2^-32 and u = 1 - s where s is above 0, u = -s elsewhere: u is the middle of one of 2^32 equal cells, s or -s its
/// distance from the nearer end of (0, 1). Float32 holds numbers near 0 to their last digit but not numbers near 1, and so the distance is kept and log(1 - s)
/// computed from s itself: both tails end where a word does, at g = 22.9 and -3.1.
/// </remarks>
internal static class GumbelNoise
{
    // 2^-32.
    private const float Cell = 2.3283064365386963e-10f;

    /// <summary>The four words for columns 4 * <paramref name="block"/> to 4 * <paramref name="block"/> + 3 of a row.</summary>
    public static Philox4 Block(ulong seed, Randomness stream, int step, int row, int block) => new RandomRow(seed, stream, step, row).Block(block);

    /// <summary>The Gumbel value that one random word makes.</summary>
    public static float At(uint word) => Scalar.First(Of(Scalar.Fill(Philox.Signed(word))));

    /// <summary>Records noise [R, K] for the step in <paramref name="state"/>.</summary>
    public static void Record(LaunchList list, ArrayView<StepState> state, Matrix noise, ulong seed, Randomness stream) =>
        list.Rows(
            "gumbel-noise",
            noise.Rows,
            noise.Columns,
            new Kernel(state, noise, noise.Rows, noise.Columns, seed, stream),
            Cost(noise.Rows, noise.Columns),
            RowTraits.Draws);

    /// <summary>Writes each element once; two logarithms and ten rounds of Philox for four of them.</summary>
    public static KernelCost Cost(int rows, int columns) => KernelCost.Floats((long)rows * columns, 2L * rows * columns);

    /// <summary>The Gumbel values of random words' <see cref="Philox.Signed"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TVector Of<TVector>(TVector words)
        where TVector : struct, IVector<TVector>
    {
        TVector none = TVector.Fill(0f), one = TVector.Fill(1f);
        TVector s = TVector.MultiplyAdd(words, TVector.Fill(Cell), TVector.Fill(0.5f * Cell));
        TVector u = TVector.WherePositive(s, one, none) - s;

        // u = 2^e (1 + f). Where e is 0 this is 1 - s, and f is -s with the digits that u has lost.
        TVector e = TVector.Exponent(u), f = TVector.WhereEqual(e, none, none - s, TVector.Mantissa(u) - one);
        return none - Elementary.LogOfNormal(none - Elementary.LogOnePlus(f, e));
    }

    /// <summary>
    /// Draws l + g for rows of K logits: the largest that each place met, where it met it (the last category where it met none), and this lane's last piece.
    /// With
    /// <paramref name="keeps"/> the sums stay in <paramref name="kept"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Perturb<T>(
        in Cells logits, in RowSlice logitsRow, in RandomRow draw, in RowPlace at, int k, in Cells kept, bool keeps, out T max, out T maxAt, out T last)
        where T : struct, IRows<T>
    {
        RowSlice row = T.Slice(at, k);
        T largest = T.Fill(float.NegativeInfinity), largestAt = T.Fill(k - 1), sum = largest;
        for (int i = T.First; i < k; i += T.Step)
        {
            sum = T.Load(logits, logitsRow, i, float.NegativeInfinity) + T.Gumbel(draw, at, i, k);
            if (keeps)
                T.Store(sum, kept, row, i);
            largestAt = T.WherePositive(sum - largest, T.CountFrom(i, k), largestAt);
            largest = T.Max(sum, largest);
        }

        max = largest;
        maxAt = largestAt;
        last = sum;
    }

    internal readonly struct Kernel(ArrayView<StepState> state, Cells noise, int rows, int k, ulong seed, Randomness stream) : IRowKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row<T>(int unit)
            where T : struct, IRows<T>
        {
            RowPlace at = T.Place(unit, rows, k);
            RowSlice row = T.Slice(at, k);
            RandomRow draw = new(seed, stream, state[0].Step, 0);
            for (int i = T.First; i < k; i += T.Step)
                T.Store(T.Gumbel(draw, at, i, k), noise, row, i);
        }
    }
}
