using IlgpuVae.Model;

namespace IlgpuVae.Tests.Models;

/// <summary>The likelihoods of counts as a caller in C# meets them.</summary>
public class CountLikelihoodTests
{
    [Test]
    public void Mean_IsTheRate()
    {
        float[] outputs = [0f, MathF.Log(7f), -1f];
        Assert.That(new Poisson().Mean(outputs, 3), Is.EqualTo(new[] { 1f, 7f, MathF.Exp(-1f) }).Within(1e-5));
        Assert.That(new NegativeBinomial(2f).Mean(outputs, 3), Is.EqualTo(new[] { 2f, 14f, 2 * MathF.Exp(-1f) }).Within(1e-5));
    }

    [TestCase(0f)]
    [TestCase(-1f)]
    [TestCase(1e7f)]
    [TestCase(float.NaN)]
    [TestCase(float.PositiveInfinity)]
    public void TotalCountOutOfRange_IsRefusedByItsName(float totalCount) =>
        Assert.That(
            () => new NegativeBinomial(totalCount),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("totalCount").And.Message.Contains("0.001"));

    [Test]
    public void WhatIsNoCount_IsRefused()
    {
        Likelihood[] counts = [new Poisson(), new NegativeBinomial()];
        foreach (Likelihood likelihood in counts)
        {
            Assert.That(likelihood.Refuses(0f, 1e6f, whole: true), Is.Null);
            Assert.That(likelihood.Refuses(-1f, 5f, whole: true), Does.Contain(likelihood.Name).And.Contain("from -1 to 5"));
            Assert.That(likelihood.Refuses(0f, 5f, whole: false), Does.Contain("fractions"));
        }
    }
}
