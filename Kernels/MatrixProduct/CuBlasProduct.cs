using ILGPU;
using ILGPU.Runtime;
using IlgpuVae.Runtime;
using CuBlas = IlgpuVae.Runtime.Cuda.CuBlas;

namespace IlgpuVae.Kernels;

/// <summary>C = op(A) op(B) by cuBLAS, and the epilogue as a launch behind it where there is one.</summary>
internal static class CuBlasProduct
{
    internal static void Record(LaunchList list, Operand a, Operand b, Matrix c, Epilogue epilogue, KernelCost cost)
    {
        CuBlas cuBlas = list.Device.CuBlas ?? throw new InvalidOperationException($"{list.Device.Name} has no cuBLAS: {list.Device.WhyNoCuBlas}");
        nint aAddress = Address(a.Matrix), bAddress = Address(b.Matrix), cAddress = Address(c);
        (int m, int n, int k) = (a.Rows, b.Columns, a.Columns);
        (int lda, int ldb) = (a.Matrix.Columns, b.Matrix.Columns);
        float keep = epilogue.Accumulate ? 1f : 0f;
        bool tf32 = list.Tf32;
        list.Add(
            "matmul.cublas",
            cost,
            _ =>
            {
                // The mode is the library's, and lists of both kinds share it.
                if (cuBlas.Tf32 != tf32)
                    cuBlas.Tf32 = tf32;
                cuBlas.MatMul(aAddress, a.Transposed, bAddress, b.Transposed, cAddress, m, n, k, 1f, keep, lda, ldb, n);
            });
        if (epilogue.ActivationOutputs.Length > 0)
            ActivationFunction.Backward(list, epilogue.Activation, new Matrix(epilogue.ActivationOutputs, m, n), c, c);
        else if (epilogue.Bias.Length > 0 || epilogue.Activation != ActivationKind.Identity)
            list.Matrix("bias-activation", m, n, new BiasActivationBody(c.View, epilogue.Bias, epilogue.Activation, epilogue.Bias.Length > 0 ? 1 : 0), ActivationFunction.Cost(m, n));
    }

    private static nint Address(Matrix matrix) => matrix.View.LoadEffectiveAddressAsPtr();

    internal readonly struct BiasActivationBody(ArrayView<float> c, ArrayView<float> bias, ActivationKind activation, int hasBias) : IMatrixBody
    {
        public void At(int row, int column, int i) => c[i] = ActivationFunction.Value(activation, hasBias == 1 ? c[i] + bias[column] : c[i]);
    }
}
