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
            RecordBiasActivation(list, c, epilogue.Bias, epilogue.Activation);
    }

    internal static void RecordBiasActivation(LaunchList list, Matrix c, ArrayView<float> bias, ActivationKind activation)
    {
        BiasActivationKernel kernel = new(c.View, bias, activation, c.Columns);
        ArrayView<float>[] views = bias.Length > 0 ? [c.View, bias] : [c.View];
        list.MatrixVectors(
            "bias-activation", c.Rows, c.Columns, width => (c.Columns + width - 1) / width, views, kernel, ActivationFunction.Cost(c.Rows, c.Columns));
    }

    private static nint Address(Matrix matrix) => matrix.View.LoadEffectiveAddressAsPtr();

    internal readonly struct BiasActivationKernel(ArrayView<float> c, ArrayView<float> bias, ActivationKind activation, int columns) : IMatrixVectorKernel
    {
        public void At<TVector>(int row, int piece)
            where TVector : struct, IVector<TVector>
        {
            ArrayView<float> target = c.SubView((long)row * columns, columns);
            int start = piece * TVector.Width;
            int count = columns - start;
            TVector value = TVector.LoadPart(target, start, count, 0f);
            if (bias.Length > 0)
                value += TVector.LoadPart(bias, start, count, 0f);
            TVector.StorePart(ActivationFunction.Value(activation, value), target, start, count);
        }
    }
}
