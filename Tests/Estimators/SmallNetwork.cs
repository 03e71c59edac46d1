namespace IlgpuVae.Tests.Estimators;

/// <summary>r(y) = o . tanh(W y + b) with three hidden units, in float64, with its derivatives. Its parameters are [W | b | o] in one array.</summary>
public static class SmallNetwork
{
    private const int Hidden = 3;

    /// <summary>How many parameters it has.</summary>
    public static int Length(int width) => (Hidden * width) + (2 * Hidden);

    /// <summary>r(y).</summary>
    public static double Value(double[] phi, double[] y) => Units(phi, y).Select((unit, h) => phi[^(Hidden - h)] * unit).Sum();

    /// <summary>dr/dy.</summary>
    public static double[] CodeGradient(double[] phi, double[] y)
    {
        double[] units = Units(phi, y);
        return
        [
            .. Enumerable.Range(0, y.Length)
            .Select(i => Enumerable.Range(0, Hidden).Sum(h => phi[^(Hidden - h)] * (1 - (units[h] * units[h])) * phi[(h * y.Length) + i])),
        ];
    }

    /// <summary>dr/dphi.</summary>
    public static double[] ParametersGradient(double[] phi, double[] y)
    {
        double[] units = Units(phi, y);
        double[] slopes = [.. units.Select((unit, h) => phi[^(Hidden - h)] * (1 - (unit * unit)))];
        return [.. slopes.SelectMany(slope => y.Select(value => slope * value)), .. slopes, .. units];
    }

    private static double[] Units(double[] phi, double[] y) =>
        [.. Enumerable.Range(0, Hidden).Select(h => Math.Tanh(phi[(Hidden * y.Length) + h] + y.Select((value, i) => phi[(h * y.Length) + i] * value).Sum()))];
}
