using System.Numerics;

namespace IlgpuVae.Tests.Reference;

/// <summary>What category numbers [R, N] select of a table [N K, E], and its gradient, as plain loops.</summary>
/// <param name="Numbers">The numbers, [R, N].</param>
/// <param name="N">Variables.</param>
/// <param name="K">Categories.</param>
/// <param name="E">Width of a row of the table.</param>
public sealed record TableRowsReference(int[] Numbers, int N, int K, int E)
{
    /// <summary>R.</summary>
    public int R => Numbers.Length / N;

    /// <summary>sum_n T[n, z_rn] + added[r A / R], [R, E].</summary>
    public T[] Sum<T>(T[] table, T[] added)
        where T : struct, IFloatingPointIeee754<T>
    {
        T[] y = new T[R * E];
        int rowsPerAdded = R / (added.Length / E);
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = added[(i / E / rowsPerAdded * E) + (i % E)];
            for (int n = 0; n < N; n++)
                y[i] += table[(Selected(i / E, n) * E) + (i % E)];
        }

        return y;
    }

    /// <summary>T[n, z_rn] side by side, [R, N E].</summary>
    public float[] Gather(float[] table) => [.. Enumerable.Range(0, Numbers.Length).SelectMany(i => ByRow.Row(table, Selected(i / N, i % N), E))];

    /// <summary>start + what each row of the table got from those that selected it, of a sum or of rows side by side, [N K, E].</summary>
    public T[] Gradient<T>(T[] yGrad, T[] start)
        where T : struct, IFloatingPointIeee754<T>
    {
        T[] sums = new T[N * K * E];
        int width = yGrad.Length / R, apart = width == E ? 0 : E;
        for (int i = 0; i < Numbers.Length * E; i++)
        {
            (int r, int n, int e) = (i / E / N, i / E % N, i % E);
            sums[(Selected(r, n) * E) + e] += yGrad[(r * width) + (n * apart) + e];
        }

        return [.. sums.Zip(start, (sum, before) => sum + before)];
    }

    private int Selected(int r, int n) => (n * K) + Numbers[(r * N) + n];
}
