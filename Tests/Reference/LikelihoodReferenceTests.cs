namespace IlgpuVae.Tests.Reference;

/// <summary>The references among themselves, in float64: gradients against finite differences, natural form against the formula, densities against 1.</summary>
public class LikelihoodReferenceTests
{
    private const int Dimensions = 3;

    private static readonly ILikelihoodReference[] References =
    [
        new BernoulliReference(Dimensions), new CategoricalReference(Dimensions, 2), new CategoricalReference(Dimensions, 5),
        new GaussianReference(Dimensions, -0.7f), new GaussianReference(Dimensions, null),
        new PoissonReference(Dimensions), new NegativeBinomialReference(Dimensions, 0.4f), new NegativeBinomialReference(Dimensions, 7f),
    ];

    [TestCaseSource(nameof(References))]
    public void Gradient_MatchesFiniteDifferences(ILikelihoodReference reference)
    {
        (double[] outputs, double[] observation) = Draw(reference, 3);
        VerifyGradient(outputs, reference.Gradient(outputs, observation), at => reference.LogLikelihood(at, observation));
    }

    [TestCaseSource(nameof(References))]
    public void NaturalGradient_MatchesFiniteDifferences(ILikelihoodReference reference)
    {
        (double[] outputs, double[] observation) = Draw(reference, 5);
        double[] naturalGrad = [.. reference.Statistic(observation).Select((t, i) => t + (0.3 * i) - 1)];
        const double Weight = 1.7;
        double Loss(double[] at) => Dot(naturalGrad, reference.Natural(at)) - (Weight * reference.LogNormaliser(at));
        VerifyGradient(outputs, reference.NaturalGradient(outputs, naturalGrad, Weight), Loss);
    }

    [TestCaseSource(nameof(References))]
    public void NaturalForm_EqualsTheFormula(ILikelihoodReference reference)
    {
        (double[] outputs, double[] observation) = Draw(reference, 7);
        double natural = reference.LogBase(observation) + Dot(reference.Statistic(observation), reference.Natural(outputs)) - reference.LogNormaliser(outputs);
        Assert.That(natural, Is.EqualTo(reference.LogLikelihood(outputs, observation)).Within(1e-12));
    }

    [Test]
    public void Probabilities_SumToOne()
    {
        Random random = new(11);
        double[] logits = ByRow.As<double>(Draws.Normal(random, 5));
        Assert.That(Enumerable.Range(0, 2).Sum(x => Math.Exp(new BernoulliReference(1).LogLikelihood([logits[0]], [x]))), Is.EqualTo(1).Within(1e-12));
        Assert.That(Enumerable.Range(0, 5).Sum(x => Math.Exp(new CategoricalReference(1, 5).LogLikelihood(logits, [x]))), Is.EqualTo(1).Within(1e-12));
        Assert.That(Enumerable.Range(0, 60).Sum(x => Math.Exp(new PoissonReference(1).LogLikelihood([1.3], [x]))), Is.EqualTo(1).Within(1e-12));
        Assert.That(Enumerable.Range(0, 200).Sum(x => Math.Exp(new NegativeBinomialReference(1, 2.5f).LogLikelihood([0.4], [x]))), Is.EqualTo(1).Within(1e-12));
        double Density(double x) => Math.Exp(new GaussianReference(1, null).LogLikelihood([0.3, -0.8], [x]));
        double integral = MathNet.Numerics.Integration.GaussLegendreRule.Integrate(Density, -20, 20, 256);
        Assert.That(integral, Is.EqualTo(1).Within(1e-9));
    }

    // Fourth-order central differences: truncation and rounding both near 1e-11 at this step.
    private static void VerifyGradient(double[] at, double[] gradient, Func<double[], double> function)
    {
        const double Step = 1e-3;
        for (int i = 0; i < at.Length; i++)
        {
            double Shifted(double steps)
            {
                double[] moved = [.. at];
                moved[i] += steps * Step;
                return function(moved);
            }

            double difference = ((8 * (Shifted(1) - Shifted(-1))) - (Shifted(2) - Shifted(-2))) / (12 * Step);
            Assert.That(gradient[i], Is.EqualTo(difference).Within(1e-9 * Math.Max(1, Math.Abs(difference))), $"output {i}");
        }
    }

    private static (double[] Outputs, double[] Observation) Draw(ILikelihoodReference reference, int seed)
    {
        Random random = new(seed);
        double[] outputs = ByRow.As<double>(Draws.Normal(random, reference.Width));
        double[] observation = reference switch
        {
            BernoulliReference => ByRow.As<double>(Draws.Uniform(random, Dimensions)),
            CategoricalReference categorical => [.. Enumerable.Range(0, Dimensions).Select(_ => (double)random.Next(categorical.Levels))],
            GaussianReference => ByRow.As<double>(Draws.Normal(random, Dimensions)),
            _ => [.. Enumerable.Range(0, Dimensions).Select(_ => (double)random.Next(30))],
        };
        return (outputs, observation);
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
}
