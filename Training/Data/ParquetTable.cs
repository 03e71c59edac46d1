using System.Globalization;
using IlgpuVae.Runtime;
using Parquet;
using Parquet.Schema;

namespace IlgpuVae.Training.Data;

/// <summary>A table in Apache's .parquet, read a group of rows at a time, and of each group the columns that are asked for.</summary>
internal sealed class ParquetTable : ITable
{
    private readonly Stream file;
    private readonly ParquetReader reader;
    private readonly DataField[] fields;
    private readonly ParquetValues?[] read;
    private ParquetRowGroupReader? group;
    private int groups;
    private int rows, row;
    private long earlier;

    /// <summary>Opens a table before its first row.</summary>
    /// <exception cref="InputException">It is no such file.</exception>
    public ParquetTable(string path)
    {
        Path = path;
        file = SourceFile.Open(path);
        try
        {
            if (!file.CanSeek)
                throw new InputException($"{path} is packed with gzip, and Parquet is read from its end. Unpack it with gunzip first.");
            reader = Guard(() => ParquetReader.CreateAsync(file).GetAwaiter().GetResult());
            fields = Guard(() => reader.Schema.GetDataFields());
            if (fields.Length == 0)
                throw new InputException($"{path} has no columns. Name a file that holds some.");
            read = new ParquetValues?[fields.Length];
            Names = Array.ConvertAll(fields, field => string.Join('/', field.Path.ToList()));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Path { get; }

    /// <inheritdoc/>
    public int Width => fields.Length;

    /// <inheritdoc/>
    public string[]? Names { get; }

    /// <inheritdoc/>
    public bool Next()
    {
        row++;
        while (row >= rows)
        {
            if (groups == reader.RowGroupCount)
                return false;
            (earlier, row) = (earlier + rows, 0);
            group?.Dispose();
            group = Guard(() => reader.OpenRowGroupReader(groups++));
            HostBudget.Check(Path, (UInt128)Math.Max(0, group.RowCount), sizeof(double));
            rows = (int)group.RowCount;
            Array.Clear(read);
        }
        return true;
    }

    /// <inheritdoc/>
    public float Number(int column)
    {
        ParquetValues values = Values(column);
        string cure = $"or leave the column out with {Setting.Of(nameof(DataOptions.Columns))}";
        if (values.IsMissing(row))
            throw new InputException($"{Place(column)}: expected a number, but the value is missing. Fill it in or remove the row, {cure}.");
        if (values.Number(row) is not double number)
            throw new InputException(
                $"{Place(column)}: expected a number, found '{MessageText.Excerpt(values.Text(row))}'. Leave such columns out with "
                    + $"{Setting.Of(nameof(DataOptions.Columns))}, or name one with {Setting.Of(nameof(DataOptions.LabelColumn))}.");
        return double.IsNaN(number)
            ? throw new InputException($"{Place(column)}: expected a number, but the value is missing (found 'NaN'). Fill it in or remove the row, {cure}.")
            : float.IsFinite((float)number)
            ? (float)number
            : throw new InputException(
                $"{Place(column)}: {number.ToString(CultureInfo.InvariantCulture)} is not a finite number that a float can hold. Correct it, {cure}.");
    }

    /// <inheritdoc/>
    public string Text(int column) => Values(column).Text(row);

    /// <inheritdoc/>
    public string Place(int column) => $"{Path}, row {earlier + row + 1}, column {column + 1} ({MessageText.Excerpt(Names![column])})";

    /// <inheritdoc/>
    public void Dispose()
    {
        group?.Dispose();
        reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        file.Dispose();
    }

    private ParquetValues Values(int column) => read[column] ??= Guard(() =>
        ParquetValues.Read(group!, fields[column], rows) ?? throw new InputException(
            $"{Path}, column {column + 1} ({MessageText.Excerpt(Names![column])}) holds "
                + $"{(fields[column].MaxRepetitionLevel > 0 ? "lists" : "what is no number or text")}, and one number a row is read. "
                + $"Leave the column out with {Setting.Of(nameof(DataOptions.Columns))}."));

    // What the library throws at a damaged file is of any type.
    private T Guard<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is not (InputException or OutOfMemoryException or UnauthorizedAccessException))
        {
            throw new InputException(
                $"{Path} cannot be read as Parquet ({MessageText.Excerpt(e.Message).TrimEnd('.')}). Copy or download the file again, or save the table as a "
                    + $".csv.", e);
        }
    }
}
