namespace IlgpuVae.Training.Data;

/// <summary>A table that is read row by row, from its first row of data on.</summary>
internal interface ITable : IDisposable
{
    /// <summary>The file.</summary>
    string Path { get; }

    /// <summary>Columns of every row.</summary>
    int Width { get; }

    /// <summary>The header's name of each column, or null where there is no header.</summary>
    string[]? Names { get; }

    /// <summary>Moves to the next row; false at the end.</summary>
    bool Next();

    /// <summary>The number in a column, from 0, of this row.</summary>
    /// <exception cref="Runtime.InputException">It is none that a float can hold, or missing; the message says where.</exception>
    float Number(int column);

    /// <summary>The text in a column of this row, as it is written; empty where nothing is.</summary>
    string Text(int column);

    /// <summary>Where the current row's column is, for messages.</summary>
    string Place(int column);
}
