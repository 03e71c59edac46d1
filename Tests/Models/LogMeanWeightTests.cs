using IlgpuVae.Training.Evaluation;

namespace IlgpuVae.Tests.Models;

/// <summary>The mean of importance weights, added up in evaluation chunk after chunk.</summary>
[TestFixture]
public sealed class LogMeanWeightTests
{
    private const int Count = 1 << 16;

    /// <summary>
    /// One weight of 1 and 65,535 that are each less than half a unit in its last place in float32; the large one first, last, or between two chunks.
    /// </summary>
    [Test]
    public void ManySmallWeights_Count([Values(0, 2048, 40_000, Count - 1)] int largest, [Values(-17.5f, -30f)] float small)
    {
        LogMeanWeight mean = new();
        for (int i = 0; i < Count; i++)
            mean.Add(i == largest ? 0f : small);
        double expected = Math.Log((1 + ((Count - 1) * Math.Exp(small))) / Count);

        // Each sum is rounded once, by 2^-53 of a little more than 1.
        Assert.That(mean.Value, Is.EqualTo(expected).Within(Count * Math.ScaleB(1.01, -53)));
    }

    [Test]
    public void WeightsBelowWhatAnExponentialHolds_AreNotLost()
    {
        LogMeanWeight mean = new();
        foreach (double logWeight in new[] { -2000.0, -2001, -1999, double.NegativeInfinity })
            mean.Add(logWeight);
        Assert.That(mean.Value, Is.EqualTo(-1999 + Math.Log((1 + Math.Exp(-1) + Math.Exp(-2)) / 4)).Within(1e-9));
    }
}
