using System.Runtime.CompilerServices;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>A kernel over rows, written once for every way to hold them.</summary>
internal interface IRowKernel
{
    /// <summary>The longest rows that a lane of a warp may hold in registers: fewer where a kernel keeps so many rows that more would find no room.</summary>
    static virtual int LongestRowOfALane => LaneRow<Scalar>.MostElements;

    /// <summary>Computes the rows of unit <paramref name="unit"/>: one row, or several that are held together.</summary>
    void Row<T>(int unit)
        where T : struct, IRows<T>;
}

/// <summary>A row kernel for one way to hold rows.</summary>
internal readonly struct RowBody<TKernel, T>(TKernel kernel) : IRowBody
    where TKernel : struct, IRowKernel
    where T : struct, IRows<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Row(int row) => kernel.Row<T>(row);
}
