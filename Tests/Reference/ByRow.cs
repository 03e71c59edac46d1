using System.Numerics;

namespace IlgpuVae.Tests.Reference;

/// <summary>
/// Applies references to matrices in row-major arrays. The references are generic in the number type: in float64 they are the truth, in float32 the
/// plain computation whose error is the yardstick (<see cref="Tolerance"/>).
/// </summary>
public static class ByRow
{
    /// <summary>The numbers as <typeparamref name="T"/>.</summary>
    public static T[] As<T>(float[] values) where T : IFloatingPointIeee754<T> => Array.ConvertAll(values, T.CreateChecked);

    /// <summary>Row <paramref name="row"/> of a matrix with <paramref name="columns"/> columns.</summary>
    public static T[] Row<T>(T[] values, int row, int columns) => values[(row * columns)..((row + 1) * columns)];

    /// <summary>Each row's result, one behind the other.</summary>
    public static T[] Map<T>(float[] values, int columns, Func<T[], T[]> function) where T : IFloatingPointIeee754<T>
    {
        T[] wide = As<T>(values);
        return [.. Enumerable.Range(0, values.Length / columns).SelectMany(row => function(Row(wide, row, columns)))];
    }

    /// <summary>Each row's result from two matrices of the same shape.</summary>
    public static T[] Map<T>(float[] first, float[] second, int columns, Func<T[], T[], T[]> function) where T : IFloatingPointIeee754<T>
    {
        T[] a = As<T>(first), b = As<T>(second);
        return [.. Enumerable.Range(0, first.Length / columns).SelectMany(row => function(Row(a, row, columns), Row(b, row, columns)))];
    }

    /// <summary>The largest finite size of each row's numbers; 0 where there is none.</summary>
    public static double[] Largest(double[] values, int columns) =>
        [.. values.Chunk(columns).Select(row => row.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max())];
}
