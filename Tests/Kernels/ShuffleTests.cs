using IlgpuVae.Kernels;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>
/// Whether an epoch's order is random, on the host, whose sequence every device repeats. See <see cref="Significance"/>.
/// </summary>
public class ShuffleTests
{
    private const ulong Seed = 42;

    [Test]
    public void FirstExample_IsUniform([Values(2, 3, 4, 5, 7, 8, 10, 16, 17, 33, 100)] int n)
    {
        // 400 epochs an example: one that comes first 1.5 times as often as it should adds 100 to the statistic.
        int[] counts = new int[n];
        for (int epoch = 0; epoch < 400 * n; epoch++)
            counts[At(epoch, 0, n)]++;
        Assert.That(Uniformity(counts), Is.GreaterThan(Significance.Alpha));
    }

    [Test]
    public void LastExample_IsUniform([Values(2, 3, 4, 5, 7, 8, 10, 16, 17, 33, 100)] int n)
    {
        int[] counts = new int[n];
        for (int epoch = 0; epoch < 400 * n; epoch++)
            counts[At(epoch, n - 1, n)]++;
        Assert.That(Uniformity(counts), Is.GreaterThan(Significance.Alpha));
    }

    [Test]
    public void FirstTwoExamples_AreUniformPairs([Values(5, 8, 17, 33)] int n)
    {
        int[,] counts = new int[n, n];
        for (int epoch = 0; epoch < 100 * n * (n - 1); epoch++)
            counts[At(epoch, 0, n), At(epoch, 1, n)]++;
        int[] pairs = [.. from i in Enumerable.Range(0, n) from j in Enumerable.Range(0, n) where i != j select counts[i, j]];
        Assert.That(Uniformity(pairs), Is.GreaterThan(Significance.Alpha));
    }

    [Test]
    public void Seeds_GiveTheirOwnOrders()
    {
        // The same position in the same epoch under 4000 seeds.
        int[] counts = new int[10];
        for (ulong seed = 0; seed < 4000; seed++)
            counts[BatchGather.ShuffledExample(3, 10, seed)]++;
        Assert.That(Uniformity(counts), Is.GreaterThan(Significance.Alpha));
    }

    [Test]
    public void SkewedOrder_WouldBeNoticed()
    {
        // Power: in one epoch of twenty, example 0 comes first.
        int[] counts = new int[10];
        for (int epoch = 0; epoch < 4000; epoch++)
            counts[epoch % 20 == 0 ? 0 : At(epoch, 0, 10)]++;
        Assert.That(Uniformity(counts), Is.LessThan(Significance.Alpha));
    }

    private static double Uniformity(int[] counts) =>
        Significance.ChiSquare(Array.ConvertAll(counts, count => (long)count), [.. counts.Select(_ => 1.0 / counts.Length)]);

    private static int At(long epoch, int position, int n) => BatchGather.ShuffledExample((epoch * n) + position, n, Seed);
}
