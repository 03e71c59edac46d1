using ILGPU;
using ILGPU.Util;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// A short row a lane, all of it in registers. The lanes of a warp bring their neighbouring rows together, 128 neighbouring bytes at a time, and exchange them
/// in shared memory: a lane that read its own row would touch as many sectors for each element as the warp has rows.
/// </summary>
/// <remarks>All lanes of a warp have to reach every load and store together; lanes behind the last row have rows without elements.</remarks>
internal readonly struct LaneRow<TVector>(TVector v) : IRows<LaneRow<TVector>>
    where TVector : struct, IVector<TVector>
{
    /// <summary>The longest row.</summary>
    internal const int MostElements = 16;

    /// <summary>The shortest that is not read as fast by a lane alone.</summary>
    internal const int FewestElements = 3;

    // With a place between runs.
    private const int SharedFloats = (OneWarp.LaneCount * MostElements) + MostElements;

    private readonly TVector v = v;

    /// <inheritdoc/>
    public static int First => 0;

    /// <inheritdoc/>
    public static int Step => TVector.Width;

    /// <inheritdoc/>
    public static bool KeepsInMemory => false;

    /// <inheritdoc/>
    public static void Sync()
    {
    }

    /// <inheritdoc/>
    public static int Units(int rows, int k) => rows;

    /// <inheritdoc/>
    public static RowPlace Place(int unit, int rows, int k)
    {
        int row = IntrinsicMath.Min(unit, rows - 1);
        return new RowPlace(row, row, unit < rows ? 1 : 0);
    }

    /// <inheritdoc/>
    public static RowSlice Slice(RowPlace at, int k) => new((long)at.First * k, 0, at.Count * k);

    /// <inheritdoc/>
    public static LaneRow<TVector> Fill(float value) => new(TVector.Fill(value));

    /// <inheritdoc/>
    public static LaneRow<TVector> CountFrom(int i, int k) => new(TVector.CountFrom(i));

    /// <inheritdoc/>
    public static LaneRow<TVector> Load(in Cells matrix, in RowSlice rows, int i, float filler)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(SharedFloats);
        int lane = OneWarp.Lane, k = Warp.Shuffle(rows.Length, 0), runs = Runs(k), run = OneWarp.LaneCount * k / runs;
        if (AreNeighbours(rows))
        {
            ArrayView<float> all = matrix.View.SubView(rows.First - (lane * k), OneWarp.LaneCount * k);
            for (int r = 0; r < runs; r++)
            {
                for (int e = (r * run) + lane; e < (r + 1) * run; e += OneWarp.LaneCount)
                    shared[e + r] = all[e];
            }
        }
        else
        {
            RowsApart apart = new(rows);
            for (int e = lane; e < OneWarp.LaneCount * k; e += OneWarp.LaneCount)
            {
                int row = RowsApart.Row(e, k), place = apart.Place(e, row, k);
                if (RowsApart.IsThere(place))
                    shared[e + Gap(row, k)] = matrix.View[apart.Start + place];
            }
        }

        Warp.Barrier();
        TVector own = TVector.LoadPart(shared.SubView((lane * k) + Gap(lane, k), k), 0, rows.Length, filler);
        Warp.Barrier();
        return new LaneRow<TVector>(own);
    }

    /// <inheritdoc/>
    public static void Store(LaneRow<TVector> value, in Cells matrix, in RowSlice rows, int i)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(SharedFloats);
        int lane = OneWarp.Lane, k = Warp.Shuffle(rows.Length, 0), runs = Runs(k), run = OneWarp.LaneCount * k / runs;
        TVector.StorePart(value.v, shared.SubView((lane * k) + Gap(lane, k), k), 0, k);
        Warp.Barrier();
        if (AreNeighbours(rows))
        {
            ArrayView<float> all = matrix.View.SubView(rows.First - (lane * k), OneWarp.LaneCount * k);
            for (int r = 0; r < runs; r++)
            {
                for (int e = (r * run) + lane; e < (r + 1) * run; e += OneWarp.LaneCount)
                    all[e] = shared[e + r];
            }
        }
        else
        {
            RowsApart apart = new(rows);
            for (int e = lane; e < OneWarp.LaneCount * k; e += OneWarp.LaneCount)
            {
                int row = RowsApart.Row(e, k), place = apart.Place(e, row, k);
                if (RowsApart.IsThere(place))
                    matrix.View[apart.Start + place] = shared[e + Gap(row, k)];
            }
        }

        Warp.Barrier();
    }

    /// <inheritdoc/>
    public static LaneRow<TVector> LoadByRow(in Cells column, RowPlace at, int k) => Fill(column.View[at.First]);

    /// <inheritdoc/>
    public static LaneRow<TVector> LoadByRow(ArrayView<int> column, RowPlace at, int k) => Fill(column[at.First]);

    /// <inheritdoc/>
    public static void StoreByRow(LaneRow<TVector> value, ArrayView<int> column, RowPlace at, int k)
    {
        if (at.Count > 0)
            column[at.First] = (int)TVector.First(value.v);
    }

    /// <inheritdoc/>
    public static void StoreByRow(LaneRow<TVector> value, in Cells column, RowPlace at, int k)
    {
        if (at.Count > 0)
            column.View[at.First] = TVector.First(value.v);
    }

    /// <inheritdoc/>
    public static LaneRow<TVector> Gumbel(RandomRow draw, RowPlace at, int i, int k) =>
        new(GumbelNoise.Of(TVector.RandomWords(draw with { Row = at.First }, i)));

    /// <inheritdoc/>
    public static LaneRow<TVector> operator +(LaneRow<TVector> a, LaneRow<TVector> b) => new(a.v + b.v);

    /// <inheritdoc/>
    public static LaneRow<TVector> operator -(LaneRow<TVector> a, LaneRow<TVector> b) => new(a.v - b.v);

    /// <inheritdoc/>
    public static LaneRow<TVector> operator *(LaneRow<TVector> a, LaneRow<TVector> b) => new(a.v * b.v);

    /// <inheritdoc/>
    public static LaneRow<TVector> operator /(LaneRow<TVector> a, LaneRow<TVector> b) => new(a.v / b.v);

    /// <inheritdoc/>
    public static LaneRow<TVector> MultiplyAdd(LaneRow<TVector> a, LaneRow<TVector> b, LaneRow<TVector> c) => new(TVector.MultiplyAdd(a.v, b.v, c.v));

    /// <inheritdoc/>
    public static LaneRow<TVector> Exp(LaneRow<TVector> value) => new(Elementary.Exp(value.v));

    /// <inheritdoc/>
    public static LaneRow<TVector> Log(LaneRow<TVector> value) => new(Elementary.Log(value.v));

    /// <inheritdoc/>
    public static LaneRow<TVector> LogByRow(LaneRow<TVector> value) => Fill(Elementary.Log(TVector.First(value.v)));

    /// <inheritdoc/>
    public static LaneRow<TVector> ReciprocalByRow(LaneRow<TVector> value) => Fill(1f / TVector.First(value.v));

    /// <inheritdoc/>
    public static LaneRow<TVector> Max(LaneRow<TVector> a, LaneRow<TVector> b) => new(TVector.Max(a.v, b.v));

    /// <inheritdoc/>
    public static LaneRow<TVector> WherePositive(LaneRow<TVector> test, LaneRow<TVector> value, LaneRow<TVector> otherwise) =>
        new(TVector.WherePositive(test.v, value.v, otherwise.v));

    /// <inheritdoc/>
    public static LaneRow<TVector> WhereEqual(LaneRow<TVector> a, LaneRow<TVector> b, LaneRow<TVector> value, LaneRow<TVector> otherwise) =>
        new(TVector.WhereEqual(a.v, b.v, value.v, otherwise.v));

    /// <inheritdoc/>
    public static LaneRow<TVector> Part(LaneRow<TVector> value, int i, int k) => new(TVector.Part(value.v, k - i));

    /// <inheritdoc/>
    public static LaneRow<TVector> SumByRow(LaneRow<TVector> value, int k) => Fill(TVector.Sum(value.v));

    /// <inheritdoc/>
    public static LaneRow<TVector> MaxByRow(LaneRow<TVector> value, int k) => Fill(TVector.Largest(value.v));

    // Whether the warp's rows lie one behind the other, the same on all lanes. Rows taken by turns or over examples never end 31 rows behind the first else.
    private static bool AreNeighbours(in RowSlice rows)
    {
        int first = (int)rows.First, end = first + rows.Length;
        int apart = Warp.Shuffle(end, OneWarp.LaneCount - 1) - Warp.Shuffle(first, 0);
        return rows.Length > 0 && apart == OneWarp.LaneCount * rows.Length;
    }

    // Into how many runs the warp's elements are cut, K's power of two: lanes a run apart would read from the same bank, so each run begins a place later.
    private static int Runs(int k) => k & -k;

    private static int Gap(int row, int k) => row * Runs(k) / OneWarp.LaneCount;

    /// <summary>
    /// Rows of a warp that do not all lie one behind the other: of several examples or by turns, or the last ones. Each tells where it begins.
    /// </summary>
    private readonly struct RowsApart
    {
        // 1 / K in 65,536ths, rounded up, tells the rows of the 32 K elements of a warp.
        private const int ReciprocalBits = 16;

        // Of a row without elements.
        private const int Nowhere = int.MinValue;

        private readonly int offset;

        internal RowsApart(in RowSlice rows)
        {
            uint low = (uint)Warp.Shuffle((int)rows.First, 0);
            Start = ((long)Warp.Shuffle((int)(rows.First >> 32), 0) << 32) | low;
            offset = Utilities.Select(rows.Length > 0, (int)(rows.First - Start), Nowhere);
        }

        /// <summary>Where the first row begins.</summary>
        internal long Start { get; }

        /// <summary>The row of element <paramref name="e"/>.</summary>
        internal static int Row(int e, int k) => (e * (((1 << ReciprocalBits) / k) + 1)) >> ReciprocalBits;

        /// <summary>Whether there is an element at a place.</summary>
        internal static bool IsThere(int place) => place > Nowhere + (OneWarp.LaneCount * MostElements);

        /// <summary>Where an element lies from the start; nowhere where its row has no elements.</summary>
        internal int Place(int e, int row, int k) => Warp.Shuffle(offset, row) + e - (row * k);
    }
}
