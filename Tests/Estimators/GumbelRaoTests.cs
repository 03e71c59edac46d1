using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.Estimators;

/// <summary>Gumbel-Rao on the Device: its noise, its mean, which is st-gumbel-softmax's, and its variance, which falls with the draws.</summary>
[TestFixtureSource(typeof(Target), nameof(Target.Best))]
public sealed class GumbelRaoTests(Target target) : AcceleratorSuite(target)
{
    private const int Rows = 1_000_000;
    private const int K = 3;
    private const ulong Seed = 89;
    private const float Temperature = 0.7f;

    // Ordinary, nearly deterministic, and with a category that is never drawn; the gradient depends on the sample in no simple way.
    private static readonly float[][] Logits = [[0.2f, -1.1f, 0.7f], [2.5f, -2f, 0f], [0.4f, float.NegativeInfinity, 0f]];
    private static readonly float[][] Gradients = [[1f, -0.5f, 0.25f], [-2f, 0.75f, 1f], [0.5f, 1.5f, -1f]];

    [Test]
    public void Noise_IsGumbelGivenTheWinner()
    {
        float[] logits = Logits[0];
        (float[] codes, float[] perturbed, _) = Rao(logits, 1, 1f, 50_000);
        double[] q = EstimatorReference.Softmax(ByRow.As<double>(logits));
        for (int row = 0; row < codes.Length / K; row++)
        {
            int winner = Array.IndexOf(codes, 1f, row * K, K);
            Assert.That(perturbed.Skip(row * K).Take(K).Max(), Is.EqualTo(perturbed[winner]).And.EqualTo(1f), $"row {row}");
        }

        // The scratch holds e^(G_i - G_winner) of the last draw. Over all winners the differences are logistic, whatever won.
        for (int i = 0; i < K; i++)
        {
            int at = i, next = (i + 1) % K;
            Significance.VerifyDistribution(
                Enumerable.Range(0, codes.Length / K).Select(row => Math.Log(perturbed[(row * K) + at]) - Math.Log(perturbed[(row * K) + next])),
                x => 1 / (1 + Math.Exp(logits[at] - logits[next] - x)),
                $"category {at} less {next}");
        }

        long[] counts = [.. Enumerable.Range(0, K).Select(k => (long)Enumerable.Range(0, codes.Length / K).Count(row => codes[(row * K) + k] == 1f))];
        Assert.That(Significance.ChiSquare(counts, q), Is.GreaterThan(Significance.Alpha), "winners");
    }

    [Test]
    public void Mean_IsThatOfStraightThroughGumbelSoftmax_AndVarianceFallsWithTheDraws([ValueSource(nameof(Logits))] float[] logits)
    {
        ColumnMoments straight = StraightThroughGumbelSoftmax(logits);
        ColumnMoments[] rao = [.. new[] { 1, 3, 10 }.Select(draws => Statistics(Rao(logits, draws, Temperature, Rows / draws).Gradient))];
        foreach (ColumnMoments statistics in rao)
            Assert.That(statistics.LargestZAgainst(straight, 1e-6), Is.LessThan(Significance.Sigmas));
        Assert.That(
            rao[0].TotalVariance, Is.EqualTo(straight.TotalVariance).Within(0.05 * straight.TotalVariance), "one draw has the variance of st-gumbel-softmax");
        Assert.That(rao[1].TotalVariance, Is.LessThan(rao[0].TotalVariance));
        Assert.That(rao[2].TotalVariance, Is.LessThan(rao[1].TotalVariance));

        // The same comparison can tell the temperature apart.
        Assert.That(Statistics(Rao(logits, 1, 1.1f * Temperature, Rows).Gradient).LargestZAgainst(straight, 1e-6), Is.GreaterThan(Significance.Sigmas));
    }

    private static ColumnMoments Statistics(float[] rows)
    {
        ColumnMoments statistics = new(K);
        statistics.Add(rows);
        return statistics;
    }

    private static float[] GradientsAt(float[] codes)
    {
        float[] gradients = new float[codes.Length];
        for (int start = 0; start < codes.Length; start += K)
            Gradients[Array.IndexOf(codes, 1f, start, K) - start].CopyTo(gradients, start);
        return gradients;
    }

    private static float[] Copies(float[] row, int count)
    {
        float[] rows = new float[count * row.Length];
        for (int start = 0; start < rows.Length; start += row.Length)
            row.CopyTo(rows, start);
        return rows;
    }

    private (float[] Codes, float[] Perturbed, float[] Gradient) Rao(float[] logits, int draws, float temperature, int rows)
    {
        Matrix l = Upload(Copies(logits, rows), rows, K);
        Codes codes = HardCodes(rows);
        ArrayView<StepState> state = Upload(new StepState { Step = 1, Scheduled = { Temperature = temperature } });
        Run(list => CategoricalSample.Record(list, state, l, codes, Seed, Randomness.Codes));
        float[] hard = OneHot.Rows(Device.Download(codes.Numbers), K);
        Matrix g = Upload(GradientsAt(hard), rows, K), scratch = Arena.Matrix(rows, K, MemoryUse.Codes), gradient = Arena.Matrix(rows, K, MemoryUse.Codes);
        Run(list => GumbelRao.Backward(list, state, l, codes, g, gradient, scratch, draws, Seed));
        return (hard, Device.Download(scratch.View), Device.Download(gradient.View));
    }

    private ColumnMoments StraightThroughGumbelSoftmax(float[] logits)
    {
        Matrix l = Upload(Copies(logits, Rows), Rows, K);
        Codes hard = HardCodes(Rows);
        Matrix soft = Arena.Matrix(Rows, K, MemoryUse.Codes), gradient = Arena.Matrix(Rows, K, MemoryUse.Codes);
        ArrayView<StepState> state = Upload(new StepState { Step = 1, Scheduled = { Temperature = Temperature } });

        // Another seed, so that the two samples are independent.
        Run(list => GumbelSoftmax.Forward(list, state, l, soft, hard, Seed + 1, Randomness.Codes));
        Matrix g = Upload(GradientsAt(OneHot.Rows(Device.Download(hard.Numbers), K)), Rows, K);
        Run(list => GumbelSoftmax.Backward(list, state, soft, g, gradient));
        return Statistics(Device.Download(gradient.View));
    }

    private Codes HardCodes(int rows) => Codes.Hard(Arena.Allocate<int>(rows, MemoryUse.Codes), rows, 1, K);
}
