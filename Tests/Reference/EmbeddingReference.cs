using System.Numerics;

namespace IlgpuVae.Tests.Reference;

/// <summary>e[r, n] = sum_k code[r, n, k] T[n, k], and its gradients, as plain loops.</summary>
/// <param name="R">Rows.</param>
/// <param name="N">Variables.</param>
/// <param name="K">Categories.</param>
/// <param name="E">Width of an embedding.</param>
public sealed record EmbeddingReference(int R, int N, int K, int E)
{
    /// <summary>[R, N E] from codes [R, N K] and table [N K, E].</summary>
    public T[] Forward<T>(T[] codes, T[] table)
        where T : struct, IFloatingPointIeee754<T> =>
        [
            .. from r in Enumerable.Range(0, R)
               from n in Enumerable.Range(0, N)
               from e in Enumerable.Range(0, E)
               select Sum(K, k => codes[Code(r, n, k)] * table[Entry(n, k, e)]),
        ];

    /// <summary>codesGrad[r, n, k] = embeddedGrad[r, n] . T[n, k].</summary>
    public T[] CodesGradient<T>(T[] embeddedGrad, T[] table)
        where T : struct, IFloatingPointIeee754<T> =>
        [
            .. from r in Enumerable.Range(0, R)
               from n in Enumerable.Range(0, N)
               from k in Enumerable.Range(0, K)
               select Sum(E, e => embeddedGrad[Embedded(r, n, e)] * table[Entry(n, k, e)]),
        ];

    /// <summary>tableGrad[n, k] = sum_r code[r, n, k] embeddedGrad[r, n].</summary>
    public T[] TableGradient<T>(T[] codes, T[] embeddedGrad)
        where T : struct, IFloatingPointIeee754<T> =>
        [
            .. from n in Enumerable.Range(0, N)
               from k in Enumerable.Range(0, K)
               from e in Enumerable.Range(0, E)
               select Sum(R, r => codes[Code(r, n, k)] * embeddedGrad[Embedded(r, n, e)]),
        ];

    private static T Sum<T>(int count, Func<int, T> term)
        where T : struct, IFloatingPointIeee754<T>
    {
        T sum = T.Zero;
        for (int i = 0; i < count; i++)
            sum += term(i);
        return sum;
    }

    private int Code(int r, int n, int k) => (((r * N) + n) * K) + k;

    private int Entry(int n, int k, int e) => (((n * K) + k) * E) + e;

    private int Embedded(int r, int n, int e) => (((r * N) + n) * E) + e;
}
