using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>What REBAR samples: hard codes by the Gumbel-max rule and by how much each category lost, by their distributions.</summary>
public class RebarSampleTests(Target target) : AcceleratorSuite(target)
{
    private const ulong Seed = 131;

    private int Many => Target.IsSimulatedGroup ? 600 : 12_000;

    // Both sides of 16 columns, where a lane a row becomes a group a row.
    [Test]
    public void Codes_AreTheWinnersOfGumbelPerturbedLogits([Values(2, 3, 16, 17, 33)] int k, [Values(1, 3)] int n)
    {
        float[] logits = OneExample(n, k);
        RebarLaunch launch = Launch(logits, Many, n, k, 1);
        (float[] codes, float[] gaps, _) = launch.Draw(3, Seed);
        for (int variable = 0; variable < n; variable++)
        {
            float[] own = ByRow.Row(logits, variable, k);
            long[] wins = new long[k];
            for (int example = 0; example < Many; example++)
                wins[Winner(codes, gaps, own, ((example * n) + variable) * k)]++;
            double[] q = EstimatorReference.Softmax(ByRow.As<double>(own));
            (long[] counts, double[] probabilities) = Frequent(wins, q, Many);
            if (counts.Length > 1)
                Assert.That(Significance.ChiSquare(counts, probabilities), Is.GreaterThan(Significance.Alpha), $"winners of variable {variable}");
            if (Many > 10_000)
                Assert.That(
                    Significance.ChiSquare(counts, [.. probabilities.Skip(1), probabilities[0]]),
                    Is.LessThan(Significance.Alpha),
                    "other categories' probabilities are told");
            VerifyGaps(gaps, own, variable, n);
        }
    }

    [Test]
    public void Variables_AreIndependent()
    {
        const int K = 3, N = 3;
        (float[] codes, float[] gaps, _) = Launch(new float[N * K], Many, N, K, 1).Draw(2, Seed);
        for (int variable = 0; variable < N; variable++)
        {
            long[,] table = new long[K, K];
            int next = (variable + 1) % N;
            for (int example = 0; example < Many; example++)
                table[Winner(codes, gaps, new float[K], ((example * N) + variable) * K), Winner(codes, gaps, new float[K], ((example * N) + next) * K)]++;
            Assert.That(Significance.Independence(table), Is.GreaterThan(Significance.Alpha), $"variables {variable} and {next}");
        }
    }

    [Test]
    public void Draw_DependsOnStepAndSeedAlone([Values(3, 17)] int k)
    {
        const int N = 2;
        RebarLaunch launch = Launch(OneExample(N, k), 7, N, k, 2);
        (float[] codes, float[] gaps, float[] relaxed) = launch.Draw(4, Seed);
        Repetition.IsBitIdentical(() => launch.Draw(4, Seed).Relaxed);
        Assert.That(launch.Draw(5, Seed).Gaps, Is.Not.EqualTo(gaps));
        Assert.That(launch.Draw(4, Seed + 1).Gaps, Is.Not.EqualTo(gaps));

        // Of what is tuned only the temperature matters here, and to the relaxed codes only.
        (float[] tunedCodes, float[] tunedGaps, float[] tuned) = Launch(OneExample(N, k), 7, N, k, 2, 1f, [-0.5f, 0.3f]).Draw(4, Seed);
        Repetition.VerifyBits(tunedCodes, codes);
        Repetition.VerifyBits(tunedGaps, gaps);
        Assert.That(tuned, Is.Not.EqualTo(relaxed));
    }

    // Each variable has logits of its own; the second has a masked category where two others remain, the third is nearly decided.
    private static float[] OneExample(int n, int k)
    {
        float[] logits = Draws.Normal(new Random((17 * k) + n), n * k);
        if (n > 1 && k > 2)
            logits[k + 1] = float.NegativeInfinity;
        if (n > 2)
            logits[2 * k] = 5f;
        return logits;
    }

    // Categories that expect too few wins for the statistic count as one.
    private static (long[] Counts, double[] Probabilities) Frequent(long[] wins, double[] q, int draws)
    {
        int[] rare = [.. Enumerable.Range(0, q.Length).Where(i => q[i] > 0 && q[i] * draws < 10)];
        int[] others = [.. Enumerable.Range(0, q.Length).Except(rare)];
        (long[] counts, double[] probabilities) = ([.. others.Select(i => wins[i])], [.. others.Select(i => q[i])]);
        return rare.Sum(i => q[i]) * draws < 10
            ? (counts, probabilities)
            : ([.. counts, rare.Sum(i => wins[i])], [.. probabilities, rare.Sum(i => q[i])]);
    }

    // One-hot, gap 0 there, negative elsewhere, minus infinity where masked.
    private static int Winner(float[] codes, float[] gaps, float[] logits, int start)
    {
        int winner = -1;
        for (int i = 0; i < logits.Length; i++)
        {
            (float code, float gap) = (codes[start + i], gaps[start + i]);
            bool right = code == 1f
                ? winner < 0 && gap == 0f && float.IsFinite(logits[i])
                : code == 0f && (float.IsFinite(logits[i]) ? gap <= 0f && float.IsFinite(gap) : float.IsNegativeInfinity(gap));
            if (!right)
                Assert.Fail($"category {i} with logit {logits[i]} has code {code} and gap {gap}");
            if (code == 1f)
                winner = i;
        }

        Assert.That(winner, Is.Not.Negative, "nobody won");
        return winner;
    }

    // Differences of Gumbel-perturbed logits are logistic, whoever won. A few pairs stand for all.
    private static void VerifyGaps(float[] gaps, float[] logits, int variable, int n)
    {
        int k = logits.Length;
        int[] present = [.. Enumerable.Range(0, k).Where(i => float.IsFinite(logits[i]))];
        foreach (int place in new[] { 0, present.Length / 2, present.Length - 1 }.Distinct())
        {
            (int at, int next) = (present[place], present[(place + 1) % present.Length]);
            Significance.VerifyDistribution(
                Enumerable.Range(0, gaps.Length / (n * k)).Select(example => ((example * n) + variable) * k)
                    .Select(start => (double)gaps[start + at] - gaps[start + next]),
                x => 1 / (1 + Math.Exp(logits[at] - logits[next] - x)),
                $"category {at} less {next} of variable {variable}");
        }
    }

    private RebarLaunch Launch(float[] example, int examples, int n, int k, int probes, float temperature = 1f, float[]? control = null) =>
        new(
            Device,
            Arena,
            [.. Enumerable.Repeat(example, examples).SelectMany(row => row)],
            n,
            k,
            probes)
        { Temperature = temperature, Control = control ?? [0f, 0f] };
}
