using System.Runtime.CompilerServices;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;
using Parquet;
using Parquet.Schema;

namespace IlgpuVae.Training.Output;

/// <summary>Rows as Apache's .parquet: a column each of its own type, in groups of rows that are written as soon as they are full.</summary>
internal static class ParquetOutput
{
    // A group that is too small reads slowly, and one of many numbers takes much memory.
    private const int GroupRows = 1 << 16;
    private const int GroupNumbers = 1 << 23;

    /// <summary>Writes batches of rows.</summary>
    /// <exception cref="InputException">Two columns have one name.</exception>
    public static void Write(Stream stream, IEnumerable<IReadOnlyList<OutputColumn>> batches) => WriteAsync(stream, batches).GetAwaiter().GetResult();

    private static async Task WriteAsync(Stream stream, IEnumerable<IReadOnlyList<OutputColumn>> batches)
    {
        using IEnumerator<IReadOnlyList<OutputColumn>> rest = batches.GetEnumerator();
        bool hasMore = rest.MoveNext();
        DataField[] fields = [.. rest.Current.Select(Field)];
        if (fields.GroupBy(field => field.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new InputException(
                $"There would be two columns named '{MessageText.Excerpt(twice.Key)}', which .parquet cannot hold. Leave out the one that is carried along "
                    + $"with {Setting.Of("Keep")}, or write .csv.");
        ParquetWriter writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), stream).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = writer.ConfigureAwait(false);
        while (hasMore)
        {
            List<IReadOnlyList<OutputColumn>> group = [];
            for (int rows = 0; hasMore && rows < GroupRows && (long)rows * fields.Length < GroupNumbers; hasMore = rest.MoveNext())
            {
                group.Add(rest.Current);
                rows += rest.Current[0].Count;
            }

            using ParquetRowGroupWriter open = writer.CreateRowGroup();
            for (int c = 0; c < fields.Length; c++)
                await WriteAsync(open, fields[c], [.. group.Select(columns => columns[c])]).ConfigureAwait(false);
            open.CompleteValidate();
        }
    }

    private static DataField Field(OutputColumn column) => column switch
    {
        WordColumn => new DataField<string>(column.Name, nullable: false),
        NumberColumn<int> => new DataField<int>(column.Name),
        NumberColumn<long> => new DataField<long>(column.Name),
        NumberColumn<float> => new DataField<float>(column.Name),
        _ => new DataField<double>(column.Name),
    };

    private static async Task WriteAsync(ParquetRowGroupWriter group, DataField field, OutputColumn[] parts)
    {
        switch (parts[0])
        {
            case WordColumn:
                await group.WriteAsync(field, ColumnParts.Words(parts)).ConfigureAwait(false);
                break;
            case NumberColumn<int>:
                await group.WriteAsync<int>(field, ColumnParts.Numbers<int>(parts)).ConfigureAwait(false);
                break;
            case NumberColumn<long>:
                await group.WriteAsync<long>(field, ColumnParts.Numbers<long>(parts)).ConfigureAwait(false);
                break;
            case NumberColumn<float>:
                await group.WriteAsync<float>(field, ColumnParts.Numbers<float>(parts)).ConfigureAwait(false);
                break;
            default:
                await group.WriteAsync<double>(field, ColumnParts.Numbers<double>(parts)).ConfigureAwait(false);
                break;
        }
    }
}
