using System.Globalization;

namespace IlgpuVae.Tests;

/// <summary>
/// The rule every kernel is held to: its largest error against float64 is at most <see cref="NaiveFactor"/> times the largest error of the same
/// formula written plainly in float32 on the host, plus a floor of <see cref="FloorUlps"/> units in the last place of the largest number involved.
/// Both maxima are taken over one group of elements, usually a row, so that a large row cannot hide a wrong small one.
/// </summary>
public static class Tolerance
{
    /// <summary>How much worse than plain float32 a kernel may be.</summary>
    public const double NaiveFactor = 4;

    /// <summary>Without a floor the rule would demand exactness wherever the plain formula happens to be exact.</summary>
    public const double FloorUlps = 4;

    // Devices may flush subnormal numbers to zero.
    private const double SmallestNormal = 1.17549435e-38;

    /// <summary>Checks <paramref name="actual"/>, in groups of <paramref name="groupLength"/> neighbouring elements.</summary>
    /// <param name="what">What is compared, for the message.</param>
    /// <param name="actual">The kernel's output.</param>
    /// <param name="expected">The float64 reference.</param>
    /// <param name="naive">The same formula in float32 on the host.</param>
    /// <param name="groupLength">Elements a group.</param>
    /// <param name="magnitudes">
    /// For each group the largest intermediate number, where that is larger than the result: a difference of large numbers cannot be better than they are.
    /// </param>
    public static void Check(string what, float[] actual, double[] expected, float[] naive, int groupLength, double[]? magnitudes = null)
    {
        Assert.That(actual, Has.Length.EqualTo(expected.Length), $"{what}: number of elements");
        Assert.That(naive, Has.Length.EqualTo(expected.Length), $"{what}: number of elements of the plain formula");
        for (int start = 0; start < expected.Length; start += groupLength)
        {
            double naiveError = 0, magnitude = magnitudes?[start / groupLength] ?? 0;
            Assert.That(double.IsFinite(magnitude), $"{what}: the magnitude of group {start / groupLength} is not finite");
            for (int i = start; i < start + groupLength; i++)
            {
                RequireSameKind(what, i, actual[i], expected[i]);
                if (!double.IsFinite(expected[i]))
                    continue;
                Assert.That(float.IsFinite(naive[i]), $"{what}[{i}]: the plain formula is not finite, so it measures nothing");
                naiveError = Math.Max(naiveError, Math.Abs(naive[i] - expected[i]));
                magnitude = Math.Max(magnitude, Math.Abs(expected[i]));
            }

            double allowed = (NaiveFactor * naiveError) + (FloorUlps * Ulp(magnitude));
            for (int i = start; i < start + groupLength; i++)
            {
                // Written so that a difference that is not a number fails.
                if (double.IsFinite(expected[i]) && !(Math.Abs(actual[i] - expected[i]) <= allowed))
                    Assert.Fail(
                        $"{what}[{i}]: {Text(actual[i])} instead of {Text(expected[i])}; plain float32 gives {Text(naive[i])}, allowed error {allowed:g3}");
            }
        }
    }

    /// <summary>The rule for results whose plain formula is the exact one but for its rounding: only the floor is left.</summary>
    public static void CheckRounded(string what, float[] actual, double[] expected, int groupLength) =>
        Check(what, actual, expected, Array.ConvertAll(expected, value => (float)value), groupLength);

    /// <summary>
    /// What a product of k terms of order 1 may be off by. It is not measured by a plain sum: that adds in one order, and tiles, panels and cuBLAS in others,
    /// so that the plain sum's luck in one element says nothing of theirs. The bound is the a-priori one of a sum in any order, with errors that add like a
    /// random walk's: each of k roundings is half a unit in the last place of a partial sum, itself of order sqrt(k).
    /// </summary>
    public static void CheckProduct(string what, float[] actual, double[] expected, int k)
    {
        Assert.That(actual, Has.Length.EqualTo(expected.Length), $"{what}: number of elements");
        double allowed = 4 * Math.Sqrt(k + 4) * Math.Max(1, Math.Sqrt(k)) * Ulp(1);
        for (int i = 0; i < expected.Length; i++)
        {
            if (!(Math.Abs(actual[i] - expected[i]) <= allowed))
                Assert.Fail($"{what}[{i}]: {Text(actual[i])} instead of {Text(expected[i])}; allowed error {allowed:g3}");
        }
    }

    /// <summary>The distance between neighbouring float32 numbers at <paramref name="magnitude"/>; that of the smallest normal number below it.</summary>
    public static double Ulp(double magnitude) => Math.ScaleB(1, Math.ILogB(Math.Max(Math.Abs(magnitude), SmallestNormal)) - 23);

    private static void RequireSameKind(string what, int i, float actual, double expected)
    {
        bool same = double.IsNaN(expected) ? float.IsNaN(actual)
            : double.IsInfinity(expected) ? actual.Equals((float)expected)
            : float.IsFinite(actual);
        if (!same)
            Assert.Fail($"{what}[{i}]: {Text(actual)} instead of {Text(expected)}");
    }

    private static string Text(double value) => value.ToString("g9", CultureInfo.InvariantCulture);
}
