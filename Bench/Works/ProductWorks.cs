using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Bench.Works;

/// <summary>Matrix products: square ones with every variant of the device, and those of a training step's layers.</summary>
internal static class ProductWorks
{
    internal static IEnumerable<KernelWork> All(ComputeDevice device, ProfileSize size)
    {
        IReadOnlyList<MatMulVariant> variants = MatMul.VariantsOn(device);
        foreach (int side in new[] { size.ProductSide, size.LargeSide }.Where(side => side > 0))
        {
            foreach (MatMulVariant variant in variants)
                yield return Square(side, variant) with { Name = variant == variants[0] ? "matmul" : null };
            if (device.CuBlas is not null)
                yield return Square(side, MatMulVariant.CuBlas) with { Name = "matmul", Tf32 = true };
        }

        if (size.ProductSide < 1024)
            yield break;
        foreach ((int m, int n, int k) in new[] { (128, 784, 256), (100, 512, 784), (784, 512, 100) })
        {
            yield return Product($"{m}x{n}x{k}", inputs => MatMul.Record(inputs.List, inputs.Filled(m, k), inputs.Filled(k, n), inputs.Empty(m, n)));
            yield return Product(
                $"{m}x{n}x{k} A^T", inputs => MatMul.Record(inputs.List, Operand.Transpose(inputs.Filled(k, m)), inputs.Filled(k, n), inputs.Empty(m, n)));
            yield return Product(
                $"{m}x{n}x{k} B^T", inputs => MatMul.Record(inputs.List, inputs.Filled(m, k), Operand.Transpose(inputs.Filled(n, k)), inputs.Empty(m, n)));
        }

        // With cuBLAS the bias is a launch of its own, elsewhere part of the product.
        yield return new KernelWork("128x784x256 bias", inputs => MatMul.Record(
            inputs.List, inputs.Filled(128, 256), inputs.Filled(256, 784), inputs.Empty(128, 784), new Epilogue
            {
                Bias = inputs.Filled(1, 784).View,
                Activation = ActivationKind.Relu,
            }));
    }

    private static KernelWork Product(string shape, Action<WorkInputs> record) => new(shape, record) { Name = "matmul" };

    private static KernelWork Square(int side, MatMulVariant variant) => new(
        $"{side}x{side}x{side}",
        inputs => MatMul.Record(inputs.List, inputs.Filled(side, side), inputs.Filled(side, side), inputs.Empty(side, side), default, variant));
}
