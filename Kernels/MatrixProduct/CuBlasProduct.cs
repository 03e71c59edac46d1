using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>C = op(A) op(B) by cuBLAS, and the epilogue as a launch behind it where there is one.</summary>
internal static class CuBlasProduct
{
    internal static void Record(LaunchList list, Operand a, Operand b, Matrix c, Epilogue epilogue, KernelCost cost)
    {
        throw new NotSupportedException("pending");
    }
}
