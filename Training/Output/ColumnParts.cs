using System.Numerics;

namespace IlgpuVae.Training.Output;

/// <summary>Values of columns next to each other, as files in binary have them.</summary>
internal static class ColumnParts
{
    /// <summary>Whether a column's numbers are whole.</summary>
    public static bool IsWhole(OutputColumn column) => column is NumberColumn<int> or NumberColumn<long>;

    /// <summary>Columns of numbers as a row-major matrix [n, columns] of one type.</summary>
    public static T[] Matrix<T>(IReadOnlyList<OutputColumn> columns)
        where T : unmanaged, INumber<T>
    {
        T[] matrix = new T[columns[0].Count * columns.Count];
        for (int c = 0; c < columns.Count; c++)
            Copy(columns[c], matrix.AsSpan(c), columns.Count);
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
            Copy(part, numbers.AsSpan(start), 1);
            start += part.Count;
        }

        return numbers;
    }

    /// <summary>The words of one column, whose rows are in several parts.</summary>
    public static string[] Words(IReadOnlyList<OutputColumn> parts) =>
        [.. parts.Cast<WordColumn>().SelectMany(part => Enumerable.Range(0, part.Count).Select(row => part[row]))];

    private static void Copy<T>(OutputColumn column, Span<T> to, int stride)
        where T : unmanaged, INumber<T>
    {
        switch (column)
        {
            case NumberColumn<int> numbers:
                Copy(numbers, to, stride);
                break;
            case NumberColumn<long> numbers:
                Copy(numbers, to, stride);
                break;
            case NumberColumn<float> numbers:
                Copy(numbers, to, stride);
                break;
            case NumberColumn<double> numbers:
                Copy(numbers, to, stride);
                break;
            default:
                throw new ArgumentException($"column {column.Name} holds no numbers.", nameof(column));
        }
    }

    private static void Copy<TFrom, T>(NumberColumn<TFrom> numbers, Span<T> to, int stride)
        where TFrom : unmanaged, INumber<TFrom>
        where T : unmanaged, INumber<T>
    {
        for (int row = 0; row < numbers.Count; row++)
            to[row * stride] = T.CreateTruncating(numbers[row]);
    }
}
