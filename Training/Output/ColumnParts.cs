using System.Numerics;
using System.Runtime.InteropServices;

namespace IlgpuVae.Training.Output;

/// <summary>Values of columns next to each other, as files in binary have them.</summary>
internal static class ColumnParts
{
    /// <summary>Whether a column's numbers are whole.</summary>
    public static bool IsWhole(OutputColumn column) => column is NumberColumn<int> or NumberColumn<long>;

    /// <summary>Columns of numbers as a row-major matrix [n, columns] of one type, in memory of an earlier one where it is as large.</summary>
    public static T[] Matrix<T>(IReadOnlyList<OutputColumn> columns, T[] earlier)
        where T : unmanaged, INumber<T>
    {
        int numbers = columns[0].Count * columns.Count;
        T[] matrix = earlier.Length == numbers ? earlier : new T[numbers];
        foreach (ColumnRun run in ColumnRun.Of(columns))
            Copy(run, matrix.AsSpan(run.Place), columns.Count);
        return matrix;
    }

    /// <summary>The numbers of one column, whose rows are in several parts.</summary>
    public static T[] Numbers<T>(IReadOnlyList<OutputColumn> parts)
        where T : unmanaged, INumber<T>
    {
        T[] numbers = new T[parts.Sum(part => part.Count)];
        int start = 0;
        foreach (OutputColumn part in parts)
        {
            Copy(new ColumnRun(part, 0, 1), numbers.AsSpan(start), 1);
            start += part.Count;
        }

        return numbers;
    }

    /// <summary>The words of one column, whose rows are in several parts.</summary>
    public static string[] Words(IReadOnlyList<OutputColumn> parts) =>
        [.. parts.Cast<WordColumn>().SelectMany(part => Enumerable.Range(0, part.Count).Select(row => part[row]))];

    private static void Copy<T>(ColumnRun run, Span<T> to, int stride)
        where T : unmanaged, INumber<T>
    {
        switch (run.First)
        {
            case NumberColumn<int> numbers:
                Copy(numbers, run.Count, to, stride);
                break;
            case NumberColumn<long> numbers:
                Copy(numbers, run.Count, to, stride);
                break;
            case NumberColumn<float> numbers:
                Copy(numbers, run.Count, to, stride);
                break;
            case NumberColumn<double> numbers:
                Copy(numbers, run.Count, to, stride);
                break;
            default:
                throw new ArgumentException($"column {run.First.Name} holds no numbers.", nameof(run));
        }
    }

    // Row by row, as they lie in memory.
    private static void Copy<TFrom, T>(NumberColumn<TFrom> numbers, int columns, Span<T> to, int stride)
        where TFrom : unmanaged, INumber<TFrom>
        where T : unmanaged, INumber<T>
    {
        for (int row = 0; row < numbers.Count; row++)
        {
            ReadOnlySpan<TFrom> from = numbers.Row(row, columns);
            Span<T> place = to.Slice(row * stride, columns);
            if (typeof(TFrom) == typeof(T))
            {
                MemoryMarshal.Cast<TFrom, T>(from).CopyTo(place);
                continue;
            }

            for (int c = 0; c < columns; c++)
                place[c] = T.CreateTruncating(from[c]);
        }
    }
}
