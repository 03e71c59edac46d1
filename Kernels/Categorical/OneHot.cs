using System.Runtime.CompilerServices;

namespace IlgpuVae.Kernels;

/// <summary>One-hot rows.</summary>
internal static class OneHot
{
    /// <summary>Writes 1 where a row of K elements has the number <paramref name="chosen"/>, and 0 elsewhere.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Write<T>(in T chosen, in Cells target, in RowSlice rows, int k)
        where T : struct, IRows<T>
    {
        for (int i = T.First; i < k; i += T.Step)
            T.Store(T.WhereEqual(T.CountFrom(i, k), chosen, T.Fill(1f), T.Fill(0f)), target, rows, i);
    }
}
