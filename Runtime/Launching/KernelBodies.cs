namespace IlgpuVae.Runtime;

/// <summary>A kernel over n independent elements.</summary>
internal interface IElementBody
{
    /// <summary>Computes element <paramref name="i"/>.</summary>
    void At(int i);
}

/// <summary>A kernel over the elements of a [rows, columns] matrix that needs to know both coordinates.</summary>
internal interface IMatrixBody
{
    /// <summary>Computes element <paramref name="i"/> = row * columns + column.</summary>
    void At(int row, int column, int i);
}

/// <summary>A kernel over rows; the lanes of a <see cref="ITeam"/> share each row.</summary>
internal interface IRowBody
{
    /// <summary>Computes row <paramref name="row"/>.</summary>
    void Row(int row);
}

/// <summary>A kernel over tiles; every group does one tile at a time with all its lanes.</summary>
internal interface ITileBody
{
    /// <summary>Does tile <paramref name="tile"/>; reached by all lanes of the group together.</summary>
    void Tile(int tile);
}
