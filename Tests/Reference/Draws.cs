namespace IlgpuVae.Tests.Reference;

/// <summary>Random inputs.</summary>
public static class Draws
{
    /// <summary>Normal numbers.</summary>
    public static float[] Normal(Random random, int n, double deviation = 1) =>
        [.. Enumerable.Range(0, n).Select(_ => (float)MathNet.Numerics.Distributions.Normal.Sample(random, 0, deviation))];

    /// <summary>Uniform numbers in [0, 1).</summary>
    public static float[] Uniform(Random random, int n) => [.. Enumerable.Range(0, n).Select(_ => random.NextSingle())];

    /// <summary>Rows of n one-hot codes of k categories each.</summary>
    public static float[] OneHot(Random random, int rows, int n, int k)
    {
        float[] codes = new float[rows * n * k];
        for (int code = 0; code < rows * n; code++)
            codes[(code * k) + random.Next(k)] = 1f;
        return codes;
    }

    /// <summary>The values as float32.</summary>
    public static float[] Round(double[] values) => [.. values.Select(value => (float)value)];
}
