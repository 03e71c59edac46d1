using System.IO.Compression;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>A <c>.npz</c> with an array [n] for each column as a table: the columns that are wanted are read beside each other.</summary>
internal sealed class NpzTable : ITable
{
    private const string Extension = ".npy";

    private readonly ZipContent zip;
    private readonly NpyTable?[] columns;

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="isWanted">Which columns will be asked for, by their names.</param>
    /// <exception cref="InputException">It is damaged, or the columns that are wanted are none of one table.</exception>
    public NpzTable(string path, Func<string, bool> isWanted)
    {
        Path = path;
        SourceFile.Open(path).Dispose();
        zip = new ZipContent(path);
        try
        {
            (string Name, ZipArchiveEntry Entry)[] arrays = [.. zip.Entries.Where(pair => pair.Name.EndsWith(Extension, StringComparison.Ordinal))];
            Names = [.. arrays.Select(pair => pair.Name[..^Extension.Length])];
            columns = new NpyTable?[arrays.Length];
            for (int c = 0; c < columns.Length; c++)
            {
                if (isWanted(Names[c]))
                    columns[c] = new NpyTable(zip.Place(arrays[c].Entry), zip.Open(arrays[c].Entry));
            }

            NpyTable[] open = [.. columns.OfType<NpyTable>()];
            if (open.FirstOrDefault(column => column.Width > 1) is { } matrix)
                throw new InputException($"{matrix.Path} is a matrix, and a column is wanted. Give an array (rows,) for each column.");
            if (open.FirstOrDefault(column => column.Count != open[0].Count) is { } other)
                throw new InputException(
                    $"{other.Path} has {other.Count} rows, and {open[0].Path} has {open[0].Count}. Give arrays of equally many.");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Path { get; }

    /// <inheritdoc/>
    public int Width => Names!.Length;

    /// <inheritdoc/>
    public string[]? Names { get; }

    /// <inheritdoc/>
    public bool Next()
    {
        bool isThere = false;
        foreach (NpyTable column in columns.OfType<NpyTable>())
            isThere = column.Next();
        return isThere;
    }

    /// <inheritdoc/>
    public float Number(int column) => Of(column).Number(0);

    /// <inheritdoc/>
    public string Text(int column) => Of(column).Text(0);

    /// <inheritdoc/>
    public string Place(int column) => Of(column).Place(0);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (NpyTable? column in columns ?? [])
            column?.Dispose();
        zip.Dispose();
    }

    private NpyTable Of(int column) => columns[column] ?? throw new ArgumentException($"column {Names![column]} was not wanted.", nameof(column));
}
