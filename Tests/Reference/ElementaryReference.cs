namespace IlgpuVae.Tests.Reference;

/// <summary>Elementary functions in float64, written so that they lose nothing near 0 and at the ends.</summary>
public static class ElementaryReference
{
    /// <summary>log(1 + x): Kahan's correction of log's argument for what 1 + x rounds away.</summary>
    public static double Log1p(double x)
    {
        double u = 1 + x;
        return u == 1 ? x : double.IsInfinity(u) ? u : Math.Log(u) * (x / (u - 1));
    }

    /// <summary>log(1 + e^x).</summary>
    public static double Softplus(double x) => x > 0 ? x + Log1p(Math.Exp(-x)) : Log1p(Math.Exp(x));

    /// <summary>1 / (1 + e^-x).</summary>
    public static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
