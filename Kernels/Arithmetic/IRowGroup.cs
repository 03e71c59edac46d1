using ILGPU;

namespace IlgpuVae.Kernels;

/// <summary>
/// Pieces of several rows that a lane of a processor works on at a time: <see cref="PackedRows"/> where rows are short, <see cref="PairedRows{TEnds}"/> elsewhere. One row after another would leave the
/// processor waiting: a row's sums and logarithms need each other. What a row sums or compares stands at each of its places.
/// </summary>
/// <typeparam name="TSelf">The pieces themselves.</typeparam>
internal interface IRowGroup<TSelf>
    where TSelf : struct, IRowGroup<TSelf>
{
    /// <summary>How many elements of a row a piece has at most.</summary>
    static abstract int Width { get; }

    /// <summary>How many groups R rows of K elements make.</summary>
    static abstract int Groups(int rows, int k);

    /// <summary>Where a group's rows are in a matrix [R, K].</summary>
    static abstract RowPlace Place(int group, int rows, int k);

    /// <summary>The same value throughout.</summary>
    static abstract TSelf Fill(float value);

    /// <summary>The elements from <paramref name="i"/> on of the group's rows, and <paramref name="filler"/> where the rows end.</summary>
    static abstract TSelf Load(ArrayView<float> matrix, RowPlace place, int i, float filler);

    /// <summary>Writes the elements from <paramref name="i"/> on of the group's rows.</summary>
    static abstract void Store(TSelf value, ArrayView<float> matrix, RowPlace place, int i);

    /// <summary>Writes one number for each row to a column [R, 1].</summary>
    static abstract void StoreByRow(TSelf value, ArrayView<float> column, int group, int k);

    /// <summary>a + b.</summary>
    static abstract TSelf operator +(TSelf a, TSelf b);

    /// <summary>a - b.</summary>
    static abstract TSelf operator -(TSelf a, TSelf b);

    /// <summary>a b.</summary>
    static abstract TSelf operator *(TSelf a, TSelf b);

    /// <summary>The exponential of each.</summary>
    static abstract TSelf Exp(TSelf value);

    /// <summary>The logarithm of what is the same in a whole row.</summary>
    static abstract TSelf LogByRow(TSelf value);

    /// <summary>One divided by what is the same in a whole row.</summary>
    static abstract TSelf ReciprocalByRow(TSelf value);

    /// <summary>The larger of each pair; the second where one is not a number.</summary>
    static abstract TSelf Max(TSelf a, TSelf b);

    /// <summary>Where <paramref name="test"/> is above 0 <paramref name="value"/>, elsewhere <paramref name="otherwise"/>.</summary>
    static abstract TSelf WherePositive(TSelf test, TSelf value, TSelf otherwise);

    /// <summary>The sum of each row.</summary>
    static abstract TSelf SumByRow(TSelf value, int k);

    /// <summary>The largest of each row.</summary>
    static abstract TSelf MaxByRow(TSelf value, int k);
}

/// <summary>Where the rows of a group are in a matrix.</summary>
/// <param name="First">Where the first begins, or all of them do where they lie together.</param>
/// <param name="Second">Where the second begins.</param>
/// <param name="Length">How many elements follow each beginning.</param>
internal readonly record struct RowPlace(long First, long Second, int Length)
{
    /// <summary>The same rows of a matrix of <paramref name="elements"/> elements that serves all of them by turns.</summary>
    internal RowPlace Within(long elements) => new(First % elements, Second % elements, Length);
}
