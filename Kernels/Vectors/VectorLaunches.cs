using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ILGPU;
using ILGPU.Runtime;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>A kernel over elements that do not need each other, written once for every vector.</summary>
internal interface IVectorKernel
{
    /// <summary>Computes the vector that begins at element <paramref name="start"/>.</summary>
    void At<TVector>(int start)
        where TVector : struct, IVector<TVector>;
}

/// <summary>A vector kernel over the rows of matrices, which needs to know where it is.</summary>
internal interface IMatrixVectorKernel
{
    /// <summary>Does piece <paramref name="piece"/> of a row.</summary>
    void At<TVector>(int row, int piece)
        where TVector : struct, IVector<TVector>;
}

/// <summary>Appends vector kernels to a list of launches, with the vectors that fit the device and the places of the data.</summary>
internal static class VectorLaunches
{
    /// <summary>Appends a kernel over <paramref name="n"/> elements of vectors that begin at <paramref name="places"/>.</summary>
    internal static void Vectors<TKernel>(this LaunchList list, string name, int n, ReadOnlySpan<ArrayView<float>> places, TKernel kernel, KernelCost cost)
        where TKernel : struct, IVectorKernel
    {
        if (list.Device.Style == LaunchStyle.Processor && Vector512.IsHardwareAccelerated)
            In<OneOf512>();
        else if (list.Device.Style == LaunchStyle.Processor)
            In<TwoOf256>();
        else if (AreFours(n, places))
            In<Vector4>();
        else
            In<Scalar>();

        void In<TVector>()
            where TVector : struct, IVector<TVector> => list.Elements(name, Count<TVector>(n), new VectorBody<TKernel, TVector>(kernel), cost);
    }

    /// <summary>
    /// Appends a kernel over rows of pieces, cut into vectors every <paramref name="run"/> elements: <paramref name="pieces"/> says how many vectors of a width
    /// make a row.
    /// </summary>
    internal static void MatrixVectors<TKernel>(
        this LaunchList list, string name, int rows, int run, Func<int, int> pieces, ReadOnlySpan<ArrayView<float>> places, TKernel kernel, KernelCost cost)
        where TKernel : struct, IMatrixVectorKernel
    {
        if (list.Device.Style == LaunchStyle.Processor && Vector512.IsHardwareAccelerated)
            In<OneOf512>();
        else if (list.Device.Style == LaunchStyle.Processor)
            In<TwoOf256>();
        else if (AreFours(run, places))
            In<Vector4>();
        else
            In<Scalar>();

        void In<TVector>()
            where TVector : struct, IVector<TVector> => list.Matrix(name, rows, pieces(TVector.Width), new MatrixVectorBody<TKernel, TVector>(kernel), cost);
    }

    /// <summary>How many vectors <paramref name="k"/> elements take, the last one perhaps in part.</summary>
    internal static int Count<TVector>(int k)
        where TVector : struct, IVector<TVector> => (k + TVector.Width - 1) / TVector.Width;

    // Whole fours on 16-byte boundaries: a 128-bit access elsewhere is an error.
    private static bool AreFours(int n, ReadOnlySpan<ArrayView<float>> places)
    {
        bool aligned = n % Vector4.Width == 0;
        foreach (ArrayView<float> place in places)
            aligned &= place.LoadEffectiveAddressAsPtr() % (Vector4.Width * sizeof(float)) == 0;
        return aligned;
    }
}

/// <summary>A vector kernel in one vector.</summary>
internal readonly struct VectorBody<TKernel, TVector>(TKernel kernel) : IElementBody
    where TKernel : struct, IVectorKernel
    where TVector : struct, IVector<TVector>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void At(int i) => kernel.At<TVector>(i * TVector.Width);
}

/// <summary>A matrix kernel in one vector.</summary>
internal readonly struct MatrixVectorBody<TKernel, TVector>(TKernel kernel) : IMatrixBody
    where TKernel : struct, IMatrixVectorKernel
    where TVector : struct, IVector<TVector>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void At(int row, int column, int i) => kernel.At<TVector>(row, column);
}
