namespace IlgpuVae.Tests;

/// <summary>The comparison has to be able to fail.</summary>
public class FloatComparisonTests
{
    private static readonly double[] Expected = [1, 2, 4];
    private static readonly float[] Exact = [1, 2, 4];

    [Test]
    public void Exact_IsAccepted() => Assert.That(FloatComparison.Faults(Exact, Expected, Exact), Is.Empty);

    [Test]
    public void NaN_IsNoticed() => Assert.That(FloatComparison.Faults([1, float.NaN, 4], Expected, Exact), Has.Exactly(1).Items);

    [Test]
    public void Infinity_IsNoticed() => Assert.That(FloatComparison.Faults([1, 2, float.PositiveInfinity], Expected, Exact), Has.Exactly(1).Items);

    [Test]
    public void NaNInThePlainResult_WidensNothing() => Assert.That(FloatComparison.Faults([1, 2.1f, 4], Expected, [1, float.NaN, 4]), Has.Exactly(1).Items);

    [Test]
    public void ExpectedNaN_HasToBeThere() => Assert.That(FloatComparison.Faults(Exact, [1, double.NaN, 4], Exact), Has.Exactly(1).Items);

    [Test]
    public void MoreThanTheFloor_IsNoticed() => Assert.That(FloatComparison.Faults([1, 2, 4.000004f], Expected, Exact), Has.Exactly(1).Items);

    [Test]
    public void MoreThanThePlainError_IsNoticed()
    {
        Assert.That(FloatComparison.Faults([1, 2, 4.03f], Expected, [1, 2.01f, 4]), Is.Empty);
        Assert.That(FloatComparison.Faults([1, 2, 4.05f], Expected, [1, 2.01f, 4]), Has.Exactly(1).Items);
    }

    [Test]
    public void Length_IsCompared() => Assert.That(FloatComparison.Faults([1, 2], Expected, Exact), Is.Not.Empty);
}
