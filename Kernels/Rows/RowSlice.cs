namespace IlgpuVae.Kernels;

/// <summary>The rows that a lane works on at a time, by their numbers.</summary>
/// <param name="First">The first, or the only one.</param>
/// <param name="Second">The second of a pair.</param>
/// <param name="Count">How many lie one behind the other from the first on, where more than two are held.</param>
internal readonly record struct RowPlace(int First, int Second, int Count)
{
    /// <summary>The examples of rows [example, variable] with N variables; also the examples' rows of probes of rows [example, probe, variable].</summary>
    internal RowPlace Over(int n) => new(First / n, Second / n, Count);

    /// <summary>
    /// One column's numbers in a matrix [R, columns], as places in a column of all its numbers. Not of rows that share a vector, whose numbers would have to be
    /// neighbours.
    /// </summary>
    internal RowPlace Entry(int columns, int column) => new((First * columns) + column, (Second * columns) + column, Count);

    /// <summary>The same rows, moved by <paramref name="rows"/>.</summary>
    internal RowPlace Behind(int rows) => new(First + rows, Second + rows, Count);

    /// <summary>The same rows of a matrix of <paramref name="rows"/> rows that serves all of them by turns.</summary>
    internal RowPlace Within(int rows) => new(First % rows, Second % rows, Count);
}

/// <summary>The elements of those rows in any matrix with as many columns.</summary>
/// <param name="First">Where the first row begins.</param>
/// <param name="Second">Where the second row of a pair begins.</param>
/// <param name="Length">How many elements follow each beginning.</param>
internal readonly record struct RowSlice(long First, long Second, int Length);
