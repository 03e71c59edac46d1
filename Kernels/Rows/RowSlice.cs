using ILGPU;
using ILGPU.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>The rows that a lane works on at a time.</summary>
/// <param name="First">The first, or the only one.</param>
/// <param name="Second">The second of a pair.</param>
/// <param name="Count">How many lie one behind the other from the first on, where more than two are held.</param>
internal readonly record struct RowPlace(int First, int Second, int Count)
{
    /// <summary>The same rows of a matrix of <paramref name="rows"/> rows that serves all of them by turns.</summary>
    internal RowPlace Within(int rows) => new(First % rows, Second % rows, Count);
}

/// <summary>Those rows of one matrix, found once: on a graphics processor a view, on a processor addresses, since an access through a view would find its address anew each time.</summary>
internal readonly struct RowSlice
{
    /// <summary>The row, on a graphics processor.</summary>
    internal readonly ArrayView<float> View;

    /// <summary>Where the first row begins in the processor's memory.</summary>
    internal readonly long First;

    /// <summary>Where the second row of a pair begins.</summary>
    internal readonly long Second;

    /// <summary>How many elements follow each beginning.</summary>
    internal readonly int Length;

    /// <summary>A row on a graphics processor.</summary>
    internal RowSlice(ArrayView<float> row, int length) => (View, Length) = (row, length);

    /// <summary>Rows in the processor's memory.</summary>
    internal RowSlice(ArrayView<float> matrix, long first, long second, int length)
    {
        long start = matrix.LoadEffectiveAddressAsPtr();
        (First, Second, Length) = (start + (first * sizeof(float)), start + (second * sizeof(float)), length);
    }
}
