using ILGPU.Runtime;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>Which matrix product a device gets.</summary>
internal enum MatMulVariant
{
    /// <summary>Register tiles over packed panels, a thread each: the processor.</summary>
    Panel,

    /// <summary>
    /// Tiles of 128 x 128, or smaller ones of small products, a group each, from slices in shared memory: graphics processors without cuBLAS.
    /// </summary>
    Tile,

    /// <summary>NVIDIA's cuBLAS on the same stream.</summary>
    CuBlas,
}

/// <summary>
/// Matrix products C[M, N] = epilogue(op(A)[M, K] op(B)[K, N]), row-major float32, accumulated in float32. Bit-identical from run to run on one
/// device; C overlaps neither A nor B.
/// </summary>
internal static class MatMul
{
    /// <summary>The variant that <paramref name="device"/> uses.</summary>
    public static MatMulVariant VariantFor(ComputeDevice device) =>
        device.Type == AcceleratorType.CPU ? MatMulVariant.Panel : device.CuBlas is null ? MatMulVariant.Tile : MatMulVariant.CuBlas;

    /// <summary>Every variant that runs on <paramref name="device"/>, its own first.</summary>
    public static IReadOnlyList<MatMulVariant> VariantsOn(ComputeDevice device) => VariantFor(device) switch
    {
        MatMulVariant.Panel when device.GroupSize >= TileProduct.GroupSize => [MatMulVariant.Panel, MatMulVariant.Tile],
        MatMulVariant.CuBlas => [MatMulVariant.CuBlas, MatMulVariant.Tile],
        MatMulVariant own => [own],
    };

    /// <summary>Records one product with the device's own variant.</summary>
    public static void Record(LaunchList list, Operand a, Operand b, Matrix c, Epilogue epilogue = default) =>
        Record(list, a, b, c, epilogue, VariantFor(list.Device));

    /// <summary>Records one product with a variant of the caller's choice.</summary>
    /// <exception cref="ArgumentException">The shapes do not fit together.</exception>
    public static void Record(LaunchList list, Operand a, Operand b, Matrix c, Epilogue epilogue, MatMulVariant variant)
    {
        if (a.Columns != b.Rows)
            throw new ArgumentException($"a is [{a.Rows}, {a.Columns}] and b is [{b.Rows}, {b.Columns}]: the inner dimensions differ.", nameof(b));
        c.Require(a.Rows, b.Columns, nameof(c));
        if (epilogue.Bias.Length > 0 && epilogue.Bias.Length != c.Columns)
            throw new ArgumentException($"the bias has {epilogue.Bias.Length} elements but c has {c.Columns} columns.", nameof(epilogue));
        if (epilogue.ActivationOutputs.Length > 0 && epilogue.ActivationOutputs.Length != c.Length)
            throw new ArgumentException($"the activation outputs have {epilogue.ActivationOutputs.Length} elements but c has {c.Length}.", nameof(epilogue));
        if (epilogue.Activation == ActivationKind.Silu)
            throw new ArgumentException("SiLU cannot be fused: its gradient needs the pre-activation. Record it as a launch of its own.", nameof(epilogue));

        if (epilogue.RightSums.Length > 0 && (b.Transposed || epilogue.RightSums.Length != c.Columns))
            throw new ArgumentException(
                $"the sums have {epilogue.RightSums.Length} elements but c has {c.Columns} columns, or b is transposed.", nameof(epilogue));

        KernelCost cost = Cost(a.Rows, b.Columns, a.Columns);
        switch (variant)
        {
            case MatMulVariant.Panel:
                PanelProduct.Record(list, a, b, c, epilogue, cost);
                break;
            case MatMulVariant.Tile:
                TileProduct.Record(list, a, b, c, epilogue, cost);
                break;
            default:
                CuBlasProduct.Record(list, a, b, c, epilogue, cost);
                break;
        }

        if (epilogue.RightSums.Length > 0 && variant == MatMulVariant.CuBlas)
            ColumnSum.Record(list, b.Matrix, new Matrix(epilogue.RightSums, 1, c.Columns), accumulate: epilogue.Accumulate);
    }

    /// <summary>Reads both factors and writes the product once; a multiply-add for each of M N K.</summary>
    public static KernelCost Cost(int m, int n, int k) => KernelCost.Floats(((long)m * k) + ((long)k * n) + ((long)m * n), 2L * m * n * k);
}
