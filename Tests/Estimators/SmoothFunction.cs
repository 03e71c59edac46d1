namespace IlgpuVae.Tests.Estimators;

/// <summary>
/// A function of a code that is far from linear between the corners and couples the variables: f(z) = 2 tanh(a . z + 0.3) + (b . z)^2 + (c . z)^3 / 2, with its gradient.
/// </summary>
public sealed record SmoothFunction(double[] A, double[] B, double[] C)
{
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

    private static double[] Coefficients(int width, Random random) =>
        [.. Enumerable.Range(0, width).Select(_ => MathNet.Numerics.Distributions.Normal.Sample(random, 0, 0.8))];
}
