using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace IlgpuVae.Kernels;

/// <summary>Packs W neighbouring columns of the right factor into a panel [depth, W] without gaps; columns beyond the matrix are zeros.</summary>
internal static unsafe class PanelPacking
{
    private const int Square = 8;

    /// <summary>From the rows of a matrix, <paramref name="stride"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void FromRows<T>(float* source, nint stride, int depth, int width, float* panel)
        where T : struct, IPanelVector<T>
    {
        if (width == T.Width)
        {
            for (int k = 0; k < depth; k++, source += stride, panel += T.Width)
                T.Store(T.Load(source), panel);
            return;
        }

        for (int k = 0; k < depth; k++, source += stride, panel += T.Width)
        {
            for (int j = 0; j < T.Width; j++)
                panel[j] = j < width ? source[j] : 0f;
        }
    }

    /// <summary>From a matrix that is read as its transpose: column j of the panel is a row of it, <paramref name="stride"/> behind the one before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void FromColumns<T>(float* source, nint stride, int depth, int width, float* panel)
        where T : struct, IPanelVector<T>
    {
        int squares = 0;
        if (Avx.IsSupported && width == T.Width)
        {
            squares = depth / Square * Square;
            for (int j = 0; j < T.Width; j += Square)
            {
                for (int k = 0; k < squares; k += Square)
                    Transpose(source + (j * stride) + k, stride, panel + (k * T.Width) + j, T.Width);
            }
        }

        for (int j = 0; j < T.Width; j++)
        {
            for (int k = squares; k < depth; k++)
                panel[(k * T.Width) + j] = j < width ? source[(j * stride) + k] : 0f;
        }
    }

    // Eight rows of eight: numbers of two rows interleaved by ones, those by twos, and the halves of four rows put together.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(float* source, nint stride, float* target, nint targetStride)
    {
        Vector256<float> r0 = Vector256.Load(source), r1 = Vector256.Load(source + stride), r2 = Vector256.Load(source + (2 * stride)),
            r3 = Vector256.Load(source + (3 * stride));
        Vector256<float> r4 = Vector256.Load(source + (4 * stride)), r5 = Vector256.Load(source + (5 * stride)), r6 = Vector256.Load(source + (6 * stride)),
            r7 = Vector256.Load(source + (7 * stride));
        Vector256<double> even01 = Avx.UnpackLow(r0, r1).AsDouble(), odd01 = Avx.UnpackHigh(r0, r1).AsDouble(), even23 = Avx.UnpackLow(r2, r3)
            .AsDouble(), odd23 = Avx.UnpackHigh(r2, r3).AsDouble();
        Vector256<double> even45 = Avx.UnpackLow(r4, r5).AsDouble(), odd45 = Avx.UnpackHigh(r4, r5).AsDouble(), even67 = Avx.UnpackLow(r6, r7)
            .AsDouble(), odd67 = Avx.UnpackHigh(r6, r7).AsDouble();
        Halves(Avx.UnpackLow(even01, even23), Avx.UnpackLow(even45, even67), target, targetStride);
        Halves(Avx.UnpackHigh(even01, even23), Avx.UnpackHigh(even45, even67), target + targetStride, targetStride);
        Halves(Avx.UnpackLow(odd01, odd23), Avx.UnpackLow(odd45, odd67), target + (2 * targetStride), targetStride);
        Halves(Avx.UnpackHigh(odd01, odd23), Avx.UnpackHigh(odd45, odd67), target + (3 * targetStride), targetStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Halves(Vector256<double> upperRows, Vector256<double> lowerRows, float* target, nint targetStride)
    {
        Vector256.Create(upperRows.GetLower(), lowerRows.GetLower()).AsSingle().Store(target);
        Vector256.Create(upperRows.GetUpper(), lowerRows.GetUpper()).AsSingle().Store(target + (4 * targetStride));
    }
}
