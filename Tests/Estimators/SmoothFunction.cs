namespace IlgpuVae.Tests.Estimators;

/// <summary>
/// A function of a code that is far from linear between the corners and couples the variables: f(z) = 2 tanh(a . z + 0.3) + (b . z)^2 + (c . z)^3 / 2, with its
/// gradient.
/// </summary>
public sealed record SmoothFunction(double[] A, double[] B, double[] C)
{
    private const int Parts = 8;

    /// <summary>With coefficients of order one.</summary>
    public static SmoothFunction Random(int width, Random random) => new(Coefficients(width, random), Coefficients(width, random), Coefficients(width, random));

    /// <summary>f(z), and df/dz where there is room for it.</summary>
    public double Value(ReadOnlySpan<double> z, Span<double> gradient)
    {
        double a = 0.3, b = 0, c = 0;
        for (int i = 0; i < z.Length; i++)
        {
            a += A[i] * z[i];
            b += B[i] * z[i];
            c += C[i] * z[i];
        }

        double tanh = Math.Tanh(a), slope = 2 * (1 - (tanh * tanh)), cubic = 1.5 * c * c;
        for (int i = 0; i < gradient.Length; i++)
            gradient[i] = (slope * A[i]) + (2 * b * B[i]) + (cubic * C[i]);
        return (2 * tanh) + (b * b) + (c * c * c / 2);
    }

    /// <summary>f of every row.</summary>
    public float[] Values(float[] rows, int width) => Values(rows, width, gradients: null);

    /// <summary>f of every row, and df/dz of every row where there is room for it.</summary>
    public float[] Values(float[] rows, int width, float[]? gradients)
    {
        float[] values = new float[rows.Length / width];
        Parallel.For(0, Parts, part =>
        {
            double[] z = new double[width], gradient = new double[gradients is null ? 0 : width];
            for (int row = part * values.Length / Parts; row < (part + 1) * values.Length / Parts; row++)
            {
                for (int i = 0; i < width; i++)
                    z[i] = rows[(row * width) + i];
                values[row] = (float)Value(z, gradient);
                for (int i = 0; i < gradient.Length; i++)
                    gradients![(row * width) + i] = (float)gradient[i];
            }
        });
        return values;
    }

    private static double[] Coefficients(int width, Random random) =>
        [.. Enumerable.Range(0, width).Select(_ => MathNet.Numerics.Distributions.Normal.Sample(random, 0, 0.8))];
}
