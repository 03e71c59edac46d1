using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>Hard codes as one-hot rows, for a layer that does not read category numbers.</summary>
internal static class OneHotRows
{
    /// <summary>Records rows [R, N K] of R hard codes: 1 at each variable's category, 0 elsewhere.</summary>
    public static void Record(LaunchList list, Codes codes, Matrix rows)
    {
        rows.Require(codes.Rows, codes.Width, nameof(rows));
        list.Matrix("one-hot", rows.Rows * codes.Variables, codes.Categories, new Body(codes.Numbers, rows.View), Cost(codes));
    }

    /// <summary>Reads each number and writes each element once.</summary>
    public static KernelCost Cost(Codes codes) => KernelCost.Floats((long)codes.Rows * (codes.Variables + codes.Width), 0);

    internal readonly struct Body(ArrayView<int> numbers, ArrayView<float> rows) : IMatrixBody
    {
        public void At(int row, int column, int i) => rows[i] = numbers[row] == column ? 1f : 0f;
    }
}
