using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// A chunk of P of the S joint codes, each decoded for all B examples: row b P + p of the chunk is example b under code first + p. Where the decoder sees
/// more of an example than its code, the table F [B, S] is filled, and its gradient read, chunk by chunk.
/// </summary>
internal static class CodeChunk
{
    /// <summary>
    /// Records the chunk's codes, digits as in <see cref="JointCodes"/>, into hard codes of B P rows, and returns these as the enumeration they then are.
    /// </summary>
    public static Codes Enumerate(LaunchList list, Codes codes, int first, int perExample)
    {
        (int n, int k) = (codes.Variables, codes.Categories);
        if (perExample < 1 || codes.Rows % perExample != 0)
            throw new ArgumentException($"{codes.Rows} rows are no whole number of {perExample} codes an example.", nameof(codes));
        if (first < 0 || JointCodes.Count(n, k) is not { } count || first > count - perExample)
            throw new ArgumentException($"{n} variables of {k} categories have no {perExample} joint codes from {first} on.", nameof(first));
        long numbers = (long)codes.Rows * n;
        list.Matrix("code-chunk.enumerate", codes.Rows, n, new EnumerateBody(codes.Numbers, first, perExample, n, k), KernelCost.Floats(numbers, numbers));
        return codes with { Range = new CodeRange(first, perExample) };
    }

    /// <summary>Records table[b, first + p] = values[b P + p] from values [B P, 1] into table [B, S].</summary>
    public static void Scatter(LaunchList list, Matrix values, Matrix table, int first)
    {
        int perExample = PerExample(values, table, first);
        list.Matrix(
            "code-chunk.scatter",
            table.Rows,
            perExample,
            new ScatterBody(values.View, table.View, first, table.Columns),
            KernelCost.Floats(2 * values.Length, 0));
    }

    /// <summary>Records values[b P + p] = table[b, first + p]: <see cref="Scatter"/> the other way.</summary>
    public static void Gather(LaunchList list, Matrix table, Matrix values, int first)
    {
        int perExample = PerExample(values, table, first);
        list.Matrix(
            "code-chunk.gather",
            table.Rows,
            perExample,
            new GatherBody(table.View, values.View, first, table.Columns),
            KernelCost.Floats(2 * values.Length, 0));
    }

    private static int PerExample(Matrix values, Matrix table, int first)
    {
        int perExample = values.Rows / table.Rows;
        values.Require(table.Rows * perExample, 1, nameof(values));
        if (first < 0 || first + perExample > table.Columns)
            throw new ArgumentException($"{perExample} codes from {first} on do not fit into a table of {table.Columns}.", nameof(first));
        return perExample;
    }

    internal readonly struct EnumerateBody(ArrayView<int> numbers, int first, int perExample, int n, int k) : IMatrixBody
    {
        public void At(int row, int column, int i)
        {
            int digit = first + (row % perExample);
            for (int later = n - 1; later > column; later--)
                digit /= k;
            numbers[i] = digit % k;
        }
    }

    internal readonly struct ScatterBody(ArrayView<float> values, ArrayView<float> table, int first, int codes) : IMatrixBody
    {
        public void At(int row, int column, int i) => table[((long)row * codes) + first + column] = values[i];
    }

    internal readonly struct GatherBody(ArrayView<float> table, ArrayView<float> values, int first, int codes) : IMatrixBody
    {
        public void At(int row, int column, int i) => values[i] = table[((long)row * codes) + first + column];
    }
}
