using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>Gumbel-max samples: the order of their rows, masks, ties.</summary>
public class CategoricalSampleTests(Target target) : AcceleratorSuite(target)
{
    private const ulong Seed = 0xFEDC_BA98_7654_3210;
    private const int Step = 5;

    [Test]
    public void SampleRows_AreOrderedExampleSampleVariable([Values(1, 4)] int samples, [Values(1, 3, 4)] int variables, [Values(4, 5, 8, 33)] int k)
    {
        int rows = 2 * variables;
        // Logits that leave no choice show the order without the noise.
        float[] logits = new float[rows * k];
        for (int row = 0; row < rows; row++)
            logits[(row * k) + (row % k)] = 1000;
        int[] drawn = Draw(logits, rows, k, samples, variables);
        for (int i = 0; i < drawn.Length; i++)
            Assert.That(drawn[i], Is.EqualTo(LogitsRow(i, samples, variables) % k), $"sample row {i}");
    }

    [Test]
    public void MaskedCategory_IsNeverDrawn([Values(2, 4, 5, 8, 33)] int k)
    {
        int samples = Target.IsSimulatedGroup ? 50 : 5000;
        float[] logits = new float[4 * k];
        Array.Fill(logits, -1e4f);
        int[][] masked = [[0], [k - 1], [k / 2], [.. Enumerable.Range(0, k - 1)]];
        for (int row = 0; row < 4; row++)
        {
            foreach (int category in masked[row])
                logits[(row * k) + category] = float.NegativeInfinity;
        }

        int[] drawn = Draw(logits, 4, k, samples, 1);
        for (int i = 0; i < drawn.Length; i++)
            Assert.That(masked[i / samples], Does.Not.Contain(drawn[i]), $"sample row {i}");
    }

    /// <summary>Beside 1e10 the noise rounds away: all sums are equal, and the lowest category wins on every accelerator.</summary>
    [Test]
    public void EqualSums_GoToTheLowestCategory([Values(2, 4, 8, 16, 33)] int k)
    {
        float[] logits = [.. Enumerable.Range(0, 4 * k).Select(i => i % k < i / k ? float.NegativeInfinity : 1e10f)];
        int[] drawn = Draw(logits, 4, k, 3, 1);
        Assert.That(drawn, Is.EqualTo(Enumerable.Range(0, 12).Select(i => Math.Min(i / 3, k - 1))).Or.Length.Zero);
    }

    [Test]
    public void Shapes_AreChecked()
    {
        Matrix logits = Arena.Matrix(6, 5, MemoryUse.Activations);
        LaunchList list = new(Device);
        foreach ((int rows, int variables, int k, int samples) in new[] { (6, 1, 4, 1), (7, 1, 5, 1), (6, 1, 5, 2), (18, 1, 5, 2), (6, 2, 5, 1), (2, 4, 5, 1) })
        {
            Codes codes = Codes.Hard(Arena.Allocate<int>(rows * variables, MemoryUse.Codes), rows, variables, k);
            Assert.That(
                () =>
                    CategoricalSample.Record(
                        list, Upload(new StepState { Step = 1 }), logits, codes, Seed, Randomness.Codes, samples), Throws.InstanceOf<ArgumentException>());
        }

        Assert.That(list.Launches, Is.Empty);
    }

    // A row with a NaN logit may draw anything, as long as it is a category.
    private int[] Draw(float[] logits, int rows, int k, int samples, int variables)
    {
        GuardedCodes codes = new(Device, Arena, rows / variables * samples, variables, k);
        Matrix input = Upload(logits, rows, k);
        Run(list => CategoricalSample.Record(list, Upload(new StepState { Step = Step }), input, codes.Codes, Seed, Randomness.Codes, samples));
        return codes.Download();
    }

    private static int LogitsRow(int sampleRow, int samples, int variables) =>
        (sampleRow / (samples * variables) * variables) + (sampleRow % variables);
}
