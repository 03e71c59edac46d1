namespace IlgpuVae.Tests.Native;

/// <summary>
/// One case of C = alpha op(A) op(B) + beta C with distinct sizes, rows padded to distinct strides, and a float64 reference.
/// </summary>
internal sealed class MatrixProduct
{
    internal const float Alpha = 0.75f, Beta = -1.25f;

    internal MatrixProduct(int m, int n, int k, bool transposeA, bool transposeB, int seed)
    {
        (M, N, K, TransposeA, TransposeB) = (m, n, k, transposeA, transposeB);
        (Lda, Ldb, Ldc) = ((transposeA ? m : k) + 1, (transposeB ? k : n) + 2, n + 3);
        var random = new Random(seed);
        A = Fill(random, (transposeA ? k : m) * Lda);
        B = Fill(random, (transposeB ? n : k) * Ldb);
        C = Fill(random, m * Ldc);
    }

    internal int M { get; }
    internal int N { get; }
    internal int K { get; }
    internal bool TransposeA { get; }
    internal bool TransposeB { get; }
    internal int Lda { get; }
    internal int Ldb { get; }
    internal int Ldc { get; }
    internal float[] A { get; }
    internal float[] B { get; }
    internal float[] C { get; }

    /// <summary>
    /// Compares a result with the reference. The bound is the proven one for a float32 sum in any order: (K + 4) roundings of
    /// 2^-24 of the sum of magnitudes, and for factors cut to <paramref name="factorBits"/> bits of mantissa their own error on top. The padding must be
    /// untouched.
    /// </summary>
    internal void Verify(float[] result, int? factorBits = null)
    {
        // Two factors, each off by a unit in its last place at most, and the product of both errors.
        double factorError = factorBits is { } bits ? (2 * Math.ScaleB(1, -bits)) + Math.ScaleB(1, -2 * bits) : 0;
        for (int row = 0; row < M; row++)
        {
            for (int column = 0; column < Ldc; column++)
            {
                int at = (row * Ldc) + column;
                if (column >= N)
                {
                    Assert.That(result[at], Is.EqualTo(C[at]), $"padding at [{row}, {column}]");
                    continue;
                }

                (double expected, double magnitude) = Reference(row, column);
                double bound = ((K + 4) * Math.ScaleB(magnitude, -24)) + (factorError * magnitude);
                bool close = Math.Abs(result[at] - expected) <= bound;
                Assert.That(close, Is.True, $"[{row}, {column}] is {result[at]}, expected {expected} +- {bound}");
            }
        }
    }

    private (double Value, double Magnitude) Reference(int row, int column)
    {
        double sum = 0, magnitude = 0;
        for (int term = 0; term < K; term++)
        {
            double a = TransposeA ? A[(term * Lda) + row] : A[(row * Lda) + term];
            double b = TransposeB ? B[(column * Ldb) + term] : B[(term * Ldb) + column];
            sum += a * b;
            magnitude += Math.Abs(a * b);
        }

        double c = C[(row * Ldc) + column];
        return ((Alpha * sum) + (Beta * c), Math.Abs(Alpha * magnitude) + Math.Abs(Beta * c));
    }

    private static float[] Fill(Random random, int length) =>
        [.. Enumerable.Range(0, length).Select(_ => (float)((2 * random.NextDouble()) - 1))];
}
