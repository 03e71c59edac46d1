using System.Runtime.InteropServices;

namespace IlgpuVae.Training.Data;

/// <summary>
/// One split of a data set in host memory: <see cref="Count"/> examples of <see cref="Width"/> numbers each, row-major [n, D].
/// Exactly one of <see cref="Bytes"/> (grey levels 0..255, scaled to [0, 1] on the device) and <see cref="Values"/> is set.
/// </summary>
public sealed record DataSet
{
    /// <summary>What was read, for messages and reports: <c>mnist train</c>, <c>glyphs</c>, a file name.</summary>
    public required string Name { get; init; }

    /// <summary>Number of examples, n.</summary>
    public required int Count { get; init; }

    /// <summary>Numbers per example, D.</summary>
    public required int Width { get; init; }

    /// <summary>Grey levels [n, D], or null where the data are real numbers.</summary>
    public byte[]? Bytes { get; init; }

    /// <summary>Real numbers [n, D], or null where the data are grey levels.</summary>
    public float[]? Values { get; init; }

    /// <summary>
    /// What a conditional model is told about each example, [n, C]: a set of the same <see cref="Count"/> and order. Null where nothing is.
    /// It is gathered as the examples are, dynamic binarisation included; a context that is not to be drawn holds real numbers, or levels 0 and 255 alone.
    /// </summary>
    public DataSet? Context { get; init; }

    /// <summary>Class labels [n], or null where the source has none.</summary>
    public int[]? Labels { get; init; }

    /// <summary>Name of each label 0, 1, ..., or null where the source numbers its classes itself.</summary>
    public IReadOnlyList<string>? LabelNames { get; init; }

    /// <summary>Picture height and width with <c>Height * Width = D</c>, or null where examples are not pictures.</summary>
    public (int Height, int Width)? Picture { get; init; }

    /// <summary>What the user should know about how it was read, a sentence, or null.</summary>
    internal string? Remark { get; init; }

    /// <summary>The table's columns that the numbers of an example are, or null where the source is no table.</summary>
    internal TableColumns? Columns { get; init; }

    /// <summary>
    /// Where an example's numbers begin within the example that they were cut out of. Pixels are drawn by their place in the whole,
    /// so that the parts of a picture never share their noise.
    /// </summary>
    internal int FirstElement { get; init; }

    /// <summary>The smallest number in any example, on the scale of <see cref="Example"/>. Reads the whole set at each call.</summary>
    public float Minimum => Bytes is null ? Values!.Min() : Bytes.Min() / 255f;

    /// <summary>The largest number in any example, on the scale of <see cref="Example"/>. Reads the whole set at each call.</summary>
    public float Maximum => Bytes is null ? Values!.Max() : Bytes.Max() / 255f;

    /// <summary>The mean example [D], on the scale of <see cref="Example"/>. Reads the whole set at each call.</summary>
    public float[] Mean()
    {
        double[] sums = new double[Width];
        for (int i = 0; i < Count; i++)
        {
            for (int d = 0; d < Width; d++)
                sums[d] += Bytes is null ? Values![(i * Width) + d] : Bytes[(i * Width) + d] / 255.0;
        }

        return Array.ConvertAll(sums, sum => (float)(sum / Count));
    }

    /// <summary>Example <paramref name="index"/> as numbers: grey levels divided by 255, or the values as they are.</summary>
    public float[] Example(int index)
    {
        float[] example = new float[Width];
        for (int d = 0; d < Width; d++)
            example[d] = Bytes is null ? Values![(index * Width) + d] : Bytes[(index * Width) + d] / 255f;
        return example;
    }

    /// <summary>All examples as numbers, [n, D].</summary>
    internal float[] Numbers()
    {
        if (Values is not null)
            return Values;
        float[] numbers = GC.AllocateUninitializedArray<float>(Bytes!.Length);
        GreyLevels.Numbers(Bytes, numbers);
        return numbers;
    }

    /// <summary>Bytes an example takes as it is kept, without its context.</summary>
    internal int RowBytes => checked(Width * (Bytes is null ? sizeof(float) : sizeof(byte)));

    /// <summary>Bytes all examples take as they are kept, their contexts included.</summary>
    internal long StoredBytes => ((long)Count * RowBytes) + (Context?.StoredBytes ?? 0);

    /// <summary>Example <paramref name="index"/> as it is kept.</summary>
    internal ReadOnlySpan<byte> Row(int index) =>
        Bytes is null ? MemoryMarshal.AsBytes(Values.AsSpan(index * Width, Width)) : Bytes.AsSpan(index * Width, Width);

    /// <summary>The examples at <paramref name="rows"/>, in that order, copied into a set of their own.</summary>
    internal DataSet Take(ReadOnlySpan<int> rows, string name)
    {
        return this with
        {
            Name = name,
            Count = rows.Length,
            Bytes = Gather(Bytes, rows, Width),
            Values = Gather(Values, rows, Width),
            Labels = Gather(Labels, rows, 1),
            Context = Context?.Take(rows, name),
        };
    }

    /// <summary>The numbers at <paramref name="columns"/> of every example, in that order, without the shape of a picture.</summary>
    internal DataSet Narrow(ReadOnlySpan<int> columns) => this with
    {
        Width = columns.Length,
        Bytes = Gather(Bytes, columns),
        Values = Gather(Values, columns),
        Picture = null,
        Columns = Columns?.Narrow(columns),
    };

    private T[]? Gather<T>(T[]? source, ReadOnlySpan<int> columns)
    {
        if (source is null)
            return null;
        T[] taken = new T[Count * columns.Length];
        for (int i = 0; i < taken.Length; i++)
            taken[i] = source[(i / columns.Length * Width) + columns[i % columns.Length]];
        return taken;
    }

    private static T[]? Gather<T>(T[]? source, ReadOnlySpan<int> rows, int width)
    {
        if (source is null)
            return null;
        T[] taken = new T[rows.Length * width];
        for (int i = 0; i < rows.Length; i++)
            source.AsSpan(rows[i] * width, width).CopyTo(taken.AsSpan(i * width));
        return taken;
    }

    /// <summary>The first <paramref name="count"/> examples, or all where there are fewer.</summary>
    public DataSet First(int count) => count >= Count ? this : this with
    {
        Count = count,
        Bytes = Bytes?[..(count * Width)],
        Values = Values?[..(count * Width)],
        Labels = Labels?[..count],
        Context = Context?.First(count),
    };
}
