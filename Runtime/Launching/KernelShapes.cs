using ILGPU;

namespace IlgpuVae.Runtime;

/// <summary>The device side of every launch on a graphics processor: how the work reaches the lanes. Neighbouring lanes take neighbouring elements.</summary>
internal static class KernelShapes
{
    internal static void Elements<TBody>(int n, TBody body)
        where TBody : struct, IElementBody
    {
        int stride = Grid.DimX * Group.DimX;
        for (int i = Grid.GlobalIndex.X; i < n; i += stride)
            body.At(i);
    }

    internal static void Matrix<TBody>(int rows, int columns, TBody body)
        where TBody : struct, IMatrixBody
    {
        int n = rows * columns;
        int stride = Grid.DimX * Group.DimX;
        for (int i = Grid.GlobalIndex.X; i < n; i += stride)
        {
            int row = i / columns;
            body.At(row, i - (row * columns), i);
        }
    }

    internal static void RowPerLane<TBody>(int rows, TBody body)
        where TBody : struct, IRowBody
    {
        int stride = Grid.DimX * Group.DimX;
        for (int row = Grid.GlobalIndex.X; row < rows; row += stride)
            body.Row(row);
    }

    // A warp's rows are neighbours, and the launch has whole warps of them: the lanes of a warp leave the loop together.
    internal static void RowPerWarpPart<TBody>(int rows, int lanes, TBody body)
        where TBody : struct, IRowBody
    {
        int stride = Grid.DimX * Group.DimX / lanes;
        for (int row = Grid.GlobalIndex.X / lanes; row < rows; row += stride)
            body.Row(row);
    }

    // A lane has a row of its own, and warps stay whole: lanes behind the last row go along.
    internal static void RowPerLaneOfWarp<TBody>(int rows, TBody body)
        where TBody : struct, IRowBody
    {
        int stride = Grid.DimX * Group.DimX;
        for (int first = Grid.GlobalIndex.X - OneWarp.Lane; first < rows; first += stride)
            body.Row(first + OneWarp.Lane);
    }

    internal static void RowPerGroup<TBody>(int rows, TBody body)
        where TBody : struct, IRowBody
    {
        for (int row = Grid.IdxX; row < rows; row += Grid.DimX)
            body.Row(row);
    }

    internal static void Tiles<TBody>(int tiles, TBody body)
        where TBody : struct, ITileBody
    {
        for (int tile = Grid.IdxX; tile < tiles; tile += Grid.DimX)
            body.Tile(tile);
    }
}
