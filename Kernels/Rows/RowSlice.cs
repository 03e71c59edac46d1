namespace IlgpuVae.Kernels;

/// <summary>The rows that a lane works on at a time, by their numbers.</summary>
/// <param name="First">The first, or the only one.</param>
/// <param name="Second">The second of a pair.</param>
/// <param name="Count">How many lie one behind the other from the first on, where more than two are held.</param>
internal readonly record struct RowPlace(int First, int Second, int Count)
{
    /// <summary>The same rows of a matrix of <paramref name="rows"/> rows that serves all of them by turns.</summary>
    internal RowPlace Within(int rows) => new(First % rows, Second % rows, Count);
}

/// <summary>The elements of those rows in any matrix with as many columns.</summary>
/// <param name="First">Where the first row begins.</param>
/// <param name="Second">Where the second row of a pair begins.</param>
/// <param name="Length">How many elements follow each beginning.</param>
internal readonly record struct RowSlice(long First, long Second, int Length);
