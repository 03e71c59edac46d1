using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// The rows that hard codes z [R, N] select of a table T [N K, E], category k of variable n being row n K + k. A linear layer on one-hot codes is their sum,
/// an embedding has them side by side:
/// <code>
/// y[r] = act(sum_n T[n, z_rn] + a[r A / R])        e[r, n] = T[n, z_rn]
/// </code>
/// with a [A, E], A a divisor of R: a bias [1, E], or what the context of each of A examples adds. One row of T is read for each variable whatever K is.
/// </summary>
internal static partial class TableRows
{
    /// <summary>Records y [R, E].</summary>
    public static void Sum(LaunchList list, Codes codes, Matrix table, Matrix added, ActivationKind activation, Matrix y)
    {
        Check(codes, table);
        y.Require(codes.Rows, table.Columns, nameof(y));
        if (added.Columns != y.Columns || added.Rows == 0 || y.Rows % added.Rows != 0)
        {
            throw new ArgumentException(
                $"added is [{added.Rows}, {added.Columns}]: y is [{y.Rows}, {y.Columns}], and it needs as many columns, and a divisor of as many "
                    + "rows.", nameof(added));
        }

        if (list.Device.Style == LaunchStyle.Processor)
        {
            SumOnProcessor(list, codes, table, added, activation, y);
            return;
        }

        int width = table.Columns;
        SumKernel kernel = new(codes.Numbers, table.View, added.View, y.View, codes.Variables, codes.Categories, width, y.Rows / added.Rows, activation);
        list.MatrixVectors(
            "table-rows.sum", y.Rows, width, vector => (width + vector - 1) / vector, [table.View, added.View, y.View], kernel, Cost(codes, width));
    }

    /// <summary>Records the rows side by side: embedded e [R, N E].</summary>
    public static void Gather(LaunchList list, Codes codes, Matrix table, Matrix embedded)
    {
        Check(codes, table);
        embedded.Require(codes.Rows, codes.Variables * table.Columns, nameof(embedded));
        GatherKernel kernel = new(codes.Numbers, table.View, embedded.View, codes.Variables, codes.Categories, table.Columns);
        list.MatrixVectors(
            "table-rows.gather",
            codes.Rows * codes.Variables,
            table.Columns,
            width => (table.Columns + width - 1) / width,
            [table.View, embedded.View],
            kernel,
            Cost(codes, table.Columns));
    }

    /// <summary>Reads or adds to a row of the table for each variable of each code; an addition an element.</summary>
    public static KernelCost Cost(Codes codes, int width) =>
        KernelCost.Floats((long)codes.Rows * (codes.Variables + 1) * width, (long)codes.Rows * codes.Variables * width);

    private static void Check(Codes codes, Matrix table) => table.Require(codes.Width, table.Columns, nameof(table));

    internal readonly struct SumKernel(
        ArrayView<int> numbers, ArrayView<float> table, ArrayView<float> added, ArrayView<float> y, int n, int k, int width, int rowsPerAdded,
            ActivationKind activation)
        : IMatrixVectorKernel
    {
        public void At<TVector>(int row, int piece)
            where TVector : struct, IVector<TVector>
        {
            int start = piece * TVector.Width, count = IntrinsicMath.Min(TVector.Width, width - start);
            TVector sum = TVector.LoadPart(added.SubView(((long)(row / rowsPerAdded) * width) + start, count), 0, count, 0f);
            for (int variable = 0; variable < n; variable++)
            {
                int selected = (variable * k) + numbers[((long)row * n) + variable];
                sum += TVector.LoadPart(table.SubView(((long)selected * width) + start, count), 0, count, 0f);
            }

            TVector.StorePart(ActivationFunction.Value(activation, sum), y.SubView(((long)row * width) + start, count), 0, count);
        }
    }

    internal readonly struct GatherKernel(ArrayView<int> numbers, ArrayView<float> table, ArrayView<float> embedded, int n, int k, int width)
        : IMatrixVectorKernel
    {
        // Rows are [code, variable].
        public void At<TVector>(int row, int piece)
            where TVector : struct, IVector<TVector>
        {
            int start = piece * TVector.Width, count = IntrinsicMath.Min(TVector.Width, width - start);
            int selected = (row % n * k) + numbers[row];
            TVector value = TVector.LoadPart(table.SubView(((long)selected * width) + start, count), 0, count, 0f);
            TVector.StorePart(value, embedded.SubView(((long)row * width) + start, count), 0, count);
        }
    }
}
