namespace IlgpuVae.Tests.Estimators;

/// <summary>
/// Expectations over all outcomes of a few categorical variables, without sampling, and what a kernel's float32 may make of them: the terms of the sum are at
/// most as large as the numbers that went in, and each rounds a few times.
/// </summary>
public static class Outcomes
{
    private const double Ulps = 16;

    /// <summary>All k^n outcomes, the first digit the most significant.</summary>
    public static int[][] All(int n, int k)
    {
        int count = (int)Math.Pow(k, n);
        return
        [
            .. Enumerable.Range(0, count).Select(outcome => Enumerable.Range(0, n).Select(digit => outcome / (int)Math.Pow(k, n - 1 - digit) % k).ToArray()),
        ];
    }

    /// <summary>The outcome as one-hot codes, [n k].</summary>
    public static float[] OneHot(int[] outcome, int k)
    {
        float[] code = new float[outcome.Length * k];
        for (int digit = 0; digit < outcome.Length; digit++)
            code[(digit * k) + outcome[digit]] = 1f;
        return code;
    }

    /// <summary>The product of its digits' probabilities.</summary>
    public static double Probability(int[] outcome, double[][] q) =>
        outcome.Select((category, digit) => q[digit][category]).Aggregate(1.0, (product, p) => product * p);

    /// <summary>dE[f]/dl of every logit: sum over outcomes of q(z) f(z) (z - q).</summary>
    public static double[] Gradient(double[][] q, Func<int[], double> f)
    {
        int k = q[0].Length;
        double[] flat = [.. q.SelectMany(p => p)];
        return Mean(
            All(q.Length, k),
            outcome => Probability(outcome, q),
            (outcome, _) => [.. OneHot(outcome, k).Zip(flat, (z, p) => f(outcome) * (z - p))]);
    }

    /// <summary>The sum of probability times row over all outcomes; those of no probability are left out.</summary>
    public static double[] Mean<TOutcome>(IReadOnlyList<TOutcome> outcomes, Func<TOutcome, double> probability, Func<TOutcome, int, double[]> row)
    {
        double[]? sum = null;
        for (int i = 0; i < outcomes.Count; i++)
        {
            double p = probability(outcomes[i]);
            if (p == 0)
                continue;
            double[] term = row(outcomes[i], i);
            sum ??= new double[term.Length];
            for (int j = 0; j < term.Length; j++)
                sum[j] += p * term[j];
        }

        return sum ?? [];
    }

    /// <summary>Whether float32 terms of size <paramref name="magnitude"/> explain all of the difference.</summary>
    public static bool Agree(double[] actual, double[] exact, double magnitude) =>
        actual.Length == exact.Length && actual.Zip(exact, (a, b) => Math.Abs(a - b)).All(difference => difference <= Tolerance(magnitude));

    /// <summary>Fails where the expectation is not the exact one.</summary>
    public static void Verify(double[] actual, double[] exact, double magnitude, string what = "gradient") =>
        Assert.That(
            Agree(actual, exact, magnitude),
            Is.True,
            $"{what}: [{string.Join(", ", actual)}] instead of [{string.Join(", ", exact)}], tolerance {Tolerance(magnitude):G3}");

    /// <summary>Fails where a biased expectation passes for the exact one.</summary>
    public static void VerifyRejected(double[] actual, double[] exact, double magnitude, string what) =>
        Assert.That(Agree(actual, exact, magnitude), Is.False, $"{what} passes for exact");

    private static double Tolerance(double magnitude) => Ulps * Math.Pow(2, -23) * magnitude;
}
