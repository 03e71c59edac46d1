using ILGPU;

namespace IlgpuVae.Kernels;

/// <summary>
/// Pieces of the rows that a lane works on at a time, of one row or of several: the type says how rows are held, and a formula never asks which. On the
/// processor: <see cref="PackedRows{T}"/>,
/// <see cref="PairedRows{T, TEnds}"/>, <see cref="SingleRow{T, TEnds}"/>; elsewhere <see cref="TeamRow{TTeam, TVector}"/>. Kernels/README.md has the table.
/// What a row sums or compares stands at each of its places.
/// </summary>
/// <remarks>
/// A lane's pieces begin at the elements First, First + Step, ... All lanes have to reach a sum or a maximum by row together: see <see cref="Runtime.ITeam"/>.
/// No conditional expression may yield pieces: C# leaves its value on the stack, and ILGPU may copy what follows, barriers included, into both arms. Assign in
/// both branches of an if.
/// </remarks>
/// <typeparam name="TSelf">The pieces themselves.</typeparam>
internal interface IRows<TSelf>
    where TSelf : struct, IRows<TSelf>
{
    /// <summary>Where this lane begins in a row.</summary>
    static abstract int First { get; }

    /// <summary>How far it is from one of its pieces to the next; rows up to this long are one piece a lane.</summary>
    static abstract int Step { get; }

    /// <summary>
    /// Whether what was computed for a piece is better kept in memory than computed again; lanes that share a row would wait longer for memory.
    /// </summary>
    static abstract bool KeepsInMemory { get; }

    /// <summary>How many units R rows of K elements make.</summary>
    static abstract int Units(int rows, int k);

    /// <summary>Which rows a unit has.</summary>
    static abstract RowPlace Place(int unit, int rows, int k);

    /// <summary>Those rows' elements in matrices with K columns.</summary>
    static abstract RowSlice Slice(RowPlace at, int k);

    /// <summary>The same value throughout.</summary>
    static abstract TSelf Fill(float value);

    /// <summary>The numbers that the elements from <paramref name="i"/> on have in their rows of K.</summary>
    static abstract TSelf CountFrom(int i, int k);

    /// <summary>The elements from <paramref name="i"/> on of the rows, and <paramref name="filler"/> where the rows end.</summary>
    static abstract TSelf Load(in Cells matrix, in RowSlice rows, int i, float filler);

    /// <summary>Writes the elements from <paramref name="i"/> on of the rows.</summary>
    static abstract void Store(TSelf value, in Cells matrix, in RowSlice rows, int i);

    /// <summary>Each row's number in a column [R, 1], at each of its places.</summary>
    static abstract TSelf LoadByRow(in Cells column, RowPlace at, int k);

    /// <summary>The same of whole numbers below 2^24.</summary>
    static abstract TSelf LoadByRow(ArrayView<int> column, RowPlace at, int k);

    /// <summary>Writes one number for each row to a column [R, 1].</summary>
    static abstract void StoreByRow(TSelf value, in Cells column, RowPlace at, int k);

    /// <summary>The same of whole numbers below 2^24.</summary>
    static abstract void StoreByRow(TSelf value, ArrayView<int> column, RowPlace at, int k);

    /// <summary>Standard Gumbel noise for the elements from <paramref name="i"/> on; <paramref name="draw"/> says all but the row.</summary>
    static abstract TSelf Gumbel(RandomRow draw, RowPlace at, int i, int k);

    /// <summary>a + b.</summary>
    static abstract TSelf operator +(TSelf a, TSelf b);

    /// <summary>a - b.</summary>
    static abstract TSelf operator -(TSelf a, TSelf b);

    /// <summary>a b.</summary>
    static abstract TSelf operator *(TSelf a, TSelf b);

    /// <summary>a / b.</summary>
    static abstract TSelf operator /(TSelf a, TSelf b);

    /// <summary>a b + c, rounded once.</summary>
    static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf c);

    /// <summary>The exponential of each.</summary>
    static abstract TSelf Exp(TSelf value);

    /// <summary>The logarithm of each.</summary>
    static abstract TSelf Log(TSelf value);

    /// <summary>The logarithm of what is the same in a whole row.</summary>
    static abstract TSelf LogByRow(TSelf value);

    /// <summary>One divided by what is the same in a whole row.</summary>
    static abstract TSelf ReciprocalByRow(TSelf value);

    /// <summary>The larger of each pair; the second where one is not a number.</summary>
    static abstract TSelf Max(TSelf a, TSelf b);

    /// <summary>Where <paramref name="test"/> is above 0 <paramref name="value"/>, elsewhere <paramref name="otherwise"/>.</summary>
    static abstract TSelf WherePositive(TSelf test, TSelf value, TSelf otherwise);

    /// <summary>Where a equals b <paramref name="value"/>, elsewhere <paramref name="otherwise"/>.</summary>
    static abstract TSelf WhereEqual(TSelf a, TSelf b, TSelf value, TSelf otherwise);

    /// <summary>The elements from <paramref name="i"/> on that a row of K has, and 0 behind its end.</summary>
    static abstract TSelf Part(TSelf value, int i, int k);

    /// <summary>The sum of each row.</summary>
    static abstract TSelf SumByRow(TSelf value, int k);

    /// <summary>The largest of each row.</summary>
    static abstract TSelf MaxByRow(TSelf value, int k);

    /// <summary>
    /// Where a branch ends in which rows were summed or compared, although all lanes take it or none: without it PoCL's lanes go on with another lane's number.
    /// </summary>
    static abstract void Sync();
}
