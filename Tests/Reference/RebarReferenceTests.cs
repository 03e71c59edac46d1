namespace IlgpuVae.Tests.Reference;

/// <summary>What <see cref="RebarReference"/> says in closed form against the definitions.</summary>
public sealed class RebarReferenceTests
{
    /// <summary>The closed forms that kernels are held to are what the definitions' differences give.</summary>
    [Test]
    public void ClosedForms_AreTheDifferences([Values(2, 3, 7)] int k, [Values(0.3, 1.7)] double t)
    {
        Random random = new((13 * k) + 1);
        double[] logits = ByRow.As<double>(Draws.Normal(random, k, 1.5));
        double[] scores = [.. ByRow.As<double>(Draws.Normal(random, k, 2)).Zip(logits, (g, l) => g + l)];
        if (k > 2)
            logits[1] = scores[1] = double.NegativeInfinity;
        double[] gaps = [.. scores.Select(score => score - scores.Max())], y = EstimatorReference.Softmax(gaps, t);
        double[] g = ByRow.As<double>(Draws.Normal(random, k));
        double[] code = [.. gaps.Select(gap => gap == 0 ? 1.0 : 0)];
        double[] estimate = RebarReference.Estimate(logits, code, y, 0, g, t, RebarReference.ConditionalJacobian(logits, gaps));
        Assert.That(RebarReference.Pull(logits, gaps, y, g, t), Is.EqualTo(estimate).Within(1e-9));
        Assert.That(RebarReference.ClosedDirection(logits, gaps, y, g, t), Is.EqualTo(RebarReference.Direction(logits, gaps, g, t)).Within(1e-9));
    }
}
