using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// Relaxed codes to embeddings through a learned table T [N K, E]: e[r, n] = sum_k code[r, n, k] T[n, k], the N embeddings of a row side by side; of hard codes
/// they are rows of the table, <see cref="TableRows.Gather"/>. On graphics processors a matrix product where there is one variable, and small ones side by side
/// where there are several.
/// </summary>
internal static partial class Embedding
{
    /// <summary>Records embedded [R, N E] from codes [R, N K] and table [N K, E].</summary>
    public static void Forward(LaunchList list, Matrix codes, Matrix table, Matrix embedded, int n)
    {
        Check(codes, table, embedded, n);
        if (list.Device.Style == LaunchStyle.Processor)
            list.RowPerLane(
                "embedding.forward",
                codes.Rows * n,
                new ForwardRows(codes.View, table.View, embedded.View, table.Rows / n, n, table.Columns),
                Cost(codes, table));
        else if (n == 1)
            MatMul.Record(list, codes, table, embedded);
        else
            RecordProduct(list, "embedding.forward", codes, table, embedded, n, transposed: false);
    }

    /// <summary>Records codesGrad[r, n, k] = embeddedGrad[r, n] . T[n, k], [R, N K].</summary>
    public static void BackwardCodes(LaunchList list, Matrix embeddedGrad, Matrix table, Matrix codesGrad, int n)
    {
        Check(codesGrad, table, embeddedGrad, n);
        if (list.Device.Style == LaunchStyle.Processor)
            list.Matrix(
                "embedding.codes-grad",
                codesGrad.Rows,
                codesGrad.Columns,
                new CodesGradBody(embeddedGrad.View, table.View, codesGrad.View, table.Rows / n, n, table.Columns),
                Cost(codesGrad, table));
        else if (n == 1)
            MatMul.Record(list, embeddedGrad, Operand.Transpose(table), codesGrad);
        else
            RecordProduct(list, "embedding.codes-grad", embeddedGrad, table, codesGrad, n, transposed: true);
    }

    /// <summary>Records tableGrad[n, k] = sum_r code[r, n, k] embeddedGrad[r, n], [N K, E], in place of what was there or added to it.</summary>
    public static void BackwardTable(LaunchList list, Matrix codes, Matrix embeddedGrad, Matrix tableGrad, int n, bool accumulate = false)
    {
        Check(codes, tableGrad, embeddedGrad, n);
        int k = codes.Columns / n, width = tableGrad.Columns, add = accumulate ? 1 : 0;
        if (list.Device.Style == LaunchStyle.Processor)
            list.RowPerLane(
                "embedding.table-grad",
                tableGrad.Rows,
                new TableGradRows(codes.View, embeddedGrad.View, tableGrad.View, codes.Rows, k, n, width, add),
                Cost(codes, tableGrad));
        else if (n == 1)
            MatMul.Record(list, Operand.Transpose(codes), embeddedGrad, tableGrad, new Epilogue { Accumulate = accumulate });
        else
            RecordTableGrad(list, codes, embeddedGrad, tableGrad, n, add);
    }

    /// <summary>Reads the codes and the table and writes the embeddings once; a multiply-add an element of code and embedding.</summary>
    public static KernelCost Cost(Matrix codes, Matrix table) =>
        KernelCost.Floats(codes.Length + table.Length + ((long)codes.Rows * table.Columns), 2L * codes.Length * table.Columns);

    private static void Check(Matrix codes, Matrix table, Matrix embedded, int n)
    {
        if (table.Rows % n != 0)
            throw new ArgumentException($"the table has {table.Rows} rows, which is no multiple of {n} variables.", nameof(table));
        codes.Require(codes.Rows, table.Rows, nameof(codes));
        embedded.Require(codes.Rows, n * table.Columns, nameof(embedded));
    }

    [OnGroups]
    internal readonly struct ForwardRows(ArrayView<float> codes, ArrayView<float> table, ArrayView<float> embedded, int k, int n, int width) : IRowBody
    {
        public void Row(int row)
        {
            ArrayView<float> code = codes.SubView((long)row * k, k);
            ArrayView<float> target = embedded.SubView((long)row * width, width);
            int variable = row % n;
            for (int e = 0; e < width; e++)
                target[e] = 0f;
            for (int i = 0; i < k; i++)
            {
                float weight = code[i];
                ArrayView<float> source = table.SubView((long)((variable * k) + i) * width, width);
                for (int e = 0; e < width; e++)
                    target[e] = Elementary.MultiplyAdd(weight, source[e], target[e]);
            }
        }
    }

    [OnGroups]
    internal readonly struct CodesGradBody(
        ArrayView<float> embeddedGrad, ArrayView<float> table, ArrayView<float> codesGrad, int k, int n, int width) : IMatrixBody
    {
        public void At(int row, int column, int i)
        {
            ArrayView<float> grad = embeddedGrad.SubView(((long)row * n * width) + (column / k * width), width);
            ArrayView<float> source = table.SubView((long)column * width, width);
            float sum = 0f;
            for (int e = 0; e < width; e++)
                sum = Elementary.MultiplyAdd(grad[e], source[e], sum);
            codesGrad[i] = sum;
        }
    }

    [OnGroups]
    internal readonly struct TableGradRows(
        ArrayView<float> codes, ArrayView<float> embeddedGrad, ArrayView<float> tableGrad, int rows, int k, int n, int width, int accumulate) : IRowBody
    {
        public void Row(int row)
        {
            int variable = row / k;
            ArrayView<float> target = tableGrad.SubView((long)row * width, width);
            for (int e = 0; e < width && accumulate == 0; e++)
                target[e] = 0f;
            for (int r = 0; r < rows; r++)
            {
                float weight = codes[((long)r * n * k) + row];
                ArrayView<float> grad = embeddedGrad.SubView(((long)r * n * width) + (variable * width), width);
                for (int e = 0; e < width; e++)
                    target[e] = Elementary.MultiplyAdd(weight, grad[e], target[e]);
            }
        }
    }
}
