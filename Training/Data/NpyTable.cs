using System.Globalization;
using System.Text;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>A <c>.npy</c> as a table without names, read row by row: a matrix [n, columns], or one column [n], of numbers or of words.</summary>
internal sealed class NpyTable : ITable
{
    private const int CharacterBytes = 4;

    private readonly Stream content;
    private readonly NumberFormat format;
    private readonly int size;
    private readonly byte[] row;
    private long at;

    /// <summary>Opens a file.</summary>
    /// <exception cref="InputException">It is damaged, or no such table.</exception>
    public NpyTable(string path)
        : this(path, SourceFile.Open(path))
    {
    }

    /// <summary>Reads from a stream that is at the array's start, and closes it.</summary>
    public NpyTable(string path, Stream content)
    {
        (Path, this.content) = (path, content);
        try
        {
            (string header, _) = NpyFile.ReadHeader(path, content);
            long[] shape = NpyFile.ReadShape(path, header);
            if (shape.Length is not (1 or 2) || (shape.Length == 2 && NpyFile.ReadIsColumnsFirst(path, header)))
                throw new InputException(
                    $"{path} is no matrix of rows (its header is {header}). Save numpy.ascontiguousarray(array), of shape (rows, columns).");
            int? letters = NpyFile.ReadWordLength(header);
            HoldsWords = letters is not null;
            if (!HoldsWords)
                format = NpyFile.ReadFormat(path, header);
            size = letters * CharacterBytes ?? format.Size;
            (Count, Width) = (shape[0], shape.Length == 2 ? (int)shape[1] : 1);
            HostBudget.Check(path, (UInt128)Width, size);
            row = new byte[(long)Width * size];
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Path { get; }

    /// <summary>Rows.</summary>
    public long Count { get; }

    /// <inheritdoc/>
    public int Width { get; }

    /// <inheritdoc/>
    public string[]? Names => null;

    /// <summary>Whether its numbers are whole by their type.</summary>
    public bool IsWhole => !HoldsWords && format.Kind != 'f';

    private bool HoldsWords { get; }

    /// <inheritdoc/>
    public bool Next()
    {
        if (at == Count)
            return false;
        at++;
        return content.ReadAtLeast(row, row.Length, throwOnEndOfStream: false) == row.Length
            ? true
            : throw new InputException($"{Path} ends within row {at}, and its header promises {Count} rows. Copy or write the file again.");
    }

    /// <inheritdoc/>
    public float Number(int column)
    {
        if (HoldsWords)
            throw new InputException($"{Place(column)}: expected a number, but the array holds words.");
        Span<byte> cell = stackalloc byte[size];
        row.AsSpan(column * size, size).CopyTo(cell);
        if (format.BigEndian)
            cell.Reverse();
        return (float)format.Read(cell);
    }

    /// <inheritdoc/>
    public string Text(int column) => HoldsWords
        ? Encoding.UTF32.GetString(row.AsSpan(column * size, size)).TrimEnd('\0')
        : Number(column).ToString(CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public string Place(int column) => string.Create(CultureInfo.InvariantCulture, $"{Path}, row {at}{(Width > 1 ? $", column {column + 1}" : string.Empty)}");

    /// <inheritdoc/>
    public void Dispose() => content.Dispose();
}
