namespace IlgpuVae.Tests;

/// <summary>
/// Compares a kernel's float32 results with float64 references. What a kernel may be off by follows from what the textbook formula is off by when it is
/// computed plainly in float32 on the same input: a factor of 4, and 4 units in the last place of the largest value where the plain result happens to be exact.
/// </summary>
public static class FloatComparison
{
    private const double NaiveFactor = 4;
    private const double FloorUlps = 4;
    private const int Reported = 5;

    /// <summary>Fails where <paramref name="actual"/> is further from <paramref name="expected"/> than <paramref name="naive"/> explains.</summary>
    public static void Verify(float[] actual, double[] expected, float[] naive, string what = "result")
    {
        string[] faults = [.. Faults(actual, expected, naive)];
        Assert.That(faults, Is.Empty, $"{what}: {faults.Length} of {expected.Length} elements");
    }

    /// <summary>Fails where <paramref name="actual"/> is not <paramref name="expected"/> within a few units in the last place of the largest value.</summary>
    public static void VerifyRounded(float[] actual, double[] expected, string what = "result") =>
        Verify(actual, expected, [.. expected.Select(value => (float)value)], what);

    /// <summary>Fails where two arrays differ in any bit.</summary>
    public static void VerifyIdentical(float[] actual, float[] expected, string what = "result") =>
        Assert.That(actual.Select(BitConverter.SingleToInt32Bits), Is.EqualTo(expected.Select(BitConverter.SingleToInt32Bits)), what);

    /// <summary>Runs <paramref name="run"/> 20 times and fails where the results differ in any bit.</summary>
    public static void VerifyDeterministic(Func<float[]> run)
    {
        float[] first = run();
        for (int repetition = 1; repetition < 20; repetition++)
            VerifyIdentical(run(), first, $"repetition {repetition}");
    }

    /// <summary>The worst elements that are too far off, in words.</summary>
    public static IEnumerable<string> Faults(float[] actual, double[] expected, float[] naive)
    {
        if (actual.Length != expected.Length || naive.Length != expected.Length)
            return [$"{actual.Length} elements, {naive.Length} plain ones, {expected.Length} expected"];
        double naiveError = expected.Zip(naive, (value, plain) => Math.Abs(value - plain)).Where(double.IsFinite).DefaultIfEmpty(0).Max();
        double magnitude = expected.Select(Math.Abs).Where(double.IsFinite).DefaultIfEmpty(0).Max();
        double tolerance = (NaiveFactor * naiveError) + (FloorUlps * magnitude * Math.Pow(2, -23));
        return Enumerable.Range(0, expected.Length)
            .Where(i => !Matches(actual[i], expected[i], tolerance))
            .OrderByDescending(i => Math.Abs(actual[i] - expected[i]))
            .Take(Reported)
            .Select(i => $"[{i}]: {actual[i]:G9} instead of {expected[i]:G12}, off by {Math.Abs(actual[i] - expected[i]):G3} where {tolerance:G3} is allowed");
    }

    private static bool Matches(float actual, double expected, double tolerance) =>
        double.IsFinite(expected) ? Math.Abs(actual - expected) <= tolerance : expected.Equals(actual);
}
