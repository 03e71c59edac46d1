using MathNet.Numerics.Differentiation;

namespace IlgpuVae.Tests.Reference;

/// <summary>Derivatives of float64 references without their formula: the yardstick for the analytic gradients of the references themselves.</summary>
public static class CentralDifference
{
    /// <summary>The gradient of <paramref name="function"/> at <paramref name="point"/> by five-point differences.</summary>
    public static double[] Gradient(Func<double[], double> function, double[] point)
    {
        NumericalDerivative derivative = new(5, 2);
        return [.. Enumerable.Range(0, point.Length).Select(i => derivative.EvaluatePartialDerivative(function, point, i, 1))];
    }

    /// <summary>Checks an analytic gradient against the differences.</summary>
    public static void Verify(Func<double[], double> function, double[] point, double[] gradient)
    {
        double[] differences = Gradient(function, point);
        double magnitude = Math.Max(1, gradient.Select(Math.Abs).Max());
        for (int i = 0; i < point.Length; i++)
            Assert.That(Math.Abs(gradient[i] - differences[i]) <= 1e-9 * magnitude, $"[{i}]: analytic {gradient[i]}, by differences {differences[i]}");
    }
}
