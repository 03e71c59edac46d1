using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>Gumbel-perturbed logits given their winner, on the host: the winner wins, and averaged over winners they are Gumbel-perturbed logits.</summary>
public sealed class ConditionalGumbelTests
{
    private const int Count = 60_000;

    private static readonly float[][] Logits = [[0.3f, -0.7f], [0.2f, -1.1f, 0.7f], [3f, -3f, 0f], [0.1f, -0.4f, 1.2f, 0.9f, -2.1f, 0f, 0.6f], [40f, -40f]];

    [TestCaseSource(nameof(Logits))]
    public void WinnerIsTheLargest(float[] logits)
    {
        for (int winner = 0; winner < logits.Length; winner++)
        {
            foreach (float[] row in Draw(logits, Enumerable.Repeat(winner, 2000)))
                Assert.That(row.Max(), Is.EqualTo(row[winner]));
        }
    }

    [Test]
    public void OthersAreBelowTheWinner_AtTheEndsOfTheUniforms(
        [Values(1.2e-7f, 0.5f, 0.9999999f)] float first, [Values(1.2e-7f, 0.5f, 0.9999999f)] float second, [Values(-100f, 0f, 100f)] float logit)
    {
        float winner = (float)-Math.Log(-Math.Log(first)), other = Other(logit, second, winner);
        Assert.That(float.IsFinite(winner) && float.IsFinite(other), Is.True);
        Assert.That(other, Is.LessThanOrEqualTo(winner));
        double expected = -Math.Log((-Math.Log(second) * Math.Exp(-logit)) + Math.Exp(-(double)winner));
        Tolerance.CheckRounded("other", [other], [expected], 1);
    }

    [Test]
    public void MaskedCategory_StaysMasked()
    {
        Assert.That(Other(float.NegativeInfinity, 0.3f, 1f), Is.EqualTo(float.NegativeInfinity));
    }

    [TestCaseSource(nameof(Logits))]
    public void AveragedOverWinners_AreGumbelPerturbedLogits(float[] logits)
    {
        double[] q = EstimatorReference.Softmax(ByRow.As<double>(logits));
        Random random = new(79);
        float[][] rows = [.. Draw(logits, Enumerable.Range(0, Count).Select(_ => Category(q, random.NextDouble())))];
        for (int i = 0; i < logits.Length; i++)
        {
            int at = i;
            Significance.VerifyDistribution(rows.Select(row => (double)row[at]), x => Math.Exp(-Math.Exp(logits[at] - x)), $"category {i}");

            // Independent of each other, too: differences of Gumbels are logistic.
            int next = (i + 1) % logits.Length;
            Significance.VerifyDistribution(
                rows.Select(row => (double)row[at] - row[next]), x => 1 / (1 + Math.Exp(logits[at] - logits[next] - x)), $"category {i} less {next}");
        }
    }

    private static int Category(double[] q, double u)
    {
        int category = 0;
        while (category < q.Length - 1 && u >= q[category])
            u -= q[category++];
        return category;
    }

    private static IEnumerable<float[]> Draw(float[] logits, IEnumerable<int> winners)
    {
        Random random = new(83);
        float logSumExp = SoftmaxReference.LogSumExp(logits);
        foreach (int winner in winners)
        {
            float top = (float)(logSumExp - Math.Log(-Math.Log(Uniform(random))));
            yield return [.. logits.Select((logit, i) => i == winner ? top : Other(logit, Uniform(random), top))];
        }
    }

    private static float Other(float logit, float uniform, float winner) =>
        TeamRow<OneLane, Scalar>.Number(ConditionalGumbel.Other(
            TeamRow<OneLane, Scalar>.Fill((float)(logit - Math.Log(-Math.Log(uniform)))), TeamRow<OneLane, Scalar>.Fill(winner)));

    private static float Uniform(Random random) => Philox.Uniform((uint)random.NextInt64(1L << 32));
}
