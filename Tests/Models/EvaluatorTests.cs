using IlgpuVae.Model;
using IlgpuVae.Tests.Reference;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Evaluation;
using IlgpuVae.Training.Steps;
using MathNet.Numerics.LinearAlgebra;

namespace IlgpuVae.Tests.Models;

/// <summary>Evaluation of models that are not trained at all, against sums over all joint codes in float64.</summary>
[TestFixtureSource(typeof(Target), nameof(Target.All))]
public class EvaluatorTests(Target target) : ModelSuite(target)
{
    // Float32 sums of a few dozen terms.
    private const double Rounding = 1e-5;

    // Two batches, of 256 and 3; less than a batch; one example.
    private static IEnumerable<TestCaseData> Cases =>
    [
        new(new ModelCase { Latents = 1, Categories = 5, Prior = PriorKind.Learned }, 259),
        new(new ModelCase { Latents = 1, Categories = 19, DataWidth = 21, Embedding = CodeEmbedding.Table }, 5),
        new(new ModelCase { Latents = 2, Categories = 3, Likelihood = LikelihoodKind.Categorical, Prior = PriorKind.Learned }, 7),
        new(new ModelCase { Latents = 3, Categories = 2, Likelihood = LikelihoodKind.Gaussian, Embedding = CodeEmbedding.Sign }, 11),
        new(new ModelCase { Latents = 2, Categories = 4, Likelihood = LikelihoodKind.FixedGaussian }, 1),
        new(new ModelCase { Latents = 1, Categories = 1 }, 3),
        new(new ModelCase { Latents = 2, Categories = 3, Likelihood = LikelihoodKind.Poisson }, 261),
        new(new ModelCase { Latents = 1, Categories = 4, DataWidth = 19, Likelihood = LikelihoodKind.NegativeBinomial, Prior = PriorKind.Learned }, 9),
        new(new ModelCase { Latents = 1, Categories = 5, ContextWidth = 3, Prior = PriorKind.Conditional, PriorNetwork = [4] }, 259),
        new(new ModelCase { Latents = 2, Categories = 3, ContextWidth = 2, Likelihood = LikelihoodKind.Gaussian, Prior = PriorKind.Learned }, 7),
        new(new ModelCase { Latents = 1, Categories = 3, ContextWidth = 2, Likelihood = LikelihoodKind.Poisson, Prior = PriorKind.Conditional }, 20),
        new(new ModelCase { Latents = 3, Categories = 3, ContextWidth = 7, Likelihood = LikelihoodKind.Categorical, Prior = PriorKind.Conditional }, 300),
    ];

    [TestCaseSource(nameof(Cases))]
    public void Report_MatchesFloat64(ModelCase shape, int examples)
    {
        DataSet data = shape.Data(examples);
        using DiscreteVae vae = Draw(shape);
        Evaluator evaluator = new(vae, data, seed: 5);
        EvaluationReport report = evaluator.Run();
        ReferenceVae reference = MeasuredStep.Widen(vae, shape);
        Matrix<double> x = MeasuredStep.Wide(data);

        double[] marginal = reference.LogMarginal(x);
        double[] expected = reference.ExpectedReconstruction(x);
        double kl = reference.MeanKl(x);
        Assert.That(report.Examples, Is.EqualTo(examples));
        Assert.That(report.LogLikelihoodKind, Is.EqualTo("exact"));
        Assert.That(report.LogLikelihoodOf, Is.EqualTo(shape.ContextWidth == 0 ? "log p(x)" : "log p(x | c)"));
        Assert.That(report.LogLikelihood, Is.EqualTo(marginal.Average()).Within(Rounding * Math.Abs(marginal.Average())));
        Assert.That(report.Kl, Is.EqualTo(kl).Within(Rounding * Math.Max(1, kl)));
        Assert.That(report.Elbo, Is.EqualTo(report.Reconstruction - report.Kl).Within(1e-12));
        Assert.That(expected.Average() - kl, Is.LessThanOrEqualTo(report.LogLikelihood!.Value + Rounding), "the ELBO is a lower bound");
        Assert.That(report.ElboKind, Is.EqualTo("exact"));
        Assert.That(report.ElboError, Is.Null);
        Assert.That(report.Reconstruction, Is.EqualTo(expected.Average()).Within(Rounding * Math.Abs(expected.Average())));
    }

    [TestCaseSource(nameof(Cases))]
    public void Usage_MatchesFloat64(ModelCase shape, int examples)
    {
        DataSet data = shape.Data(examples);
        using DiscreteVae vae = Draw(shape);
        Evaluator evaluator = new(vae, data, seed: 5);
        EvaluationReport report = evaluator.Run();
        ReferenceVae reference = MeasuredStep.Widen(vae, shape);
        Matrix<double> x = MeasuredStep.Wide(data), logQ = reference.LogPosterior(x), q = logQ.PointwiseExp();
        int k = shape.Categories;

        double[] mean = [.. q.ColumnSums() / examples];
        Assert.That(evaluator.MeanPosterior, Is.EqualTo(mean).Within(Rounding));
        double perplexity = Enumerable.Range(0, shape.Latents).Average(n => Math.Exp(-mean[(n * k)..((n + 1) * k)].Sum(p => p * Math.Log(p))));
        Assert.That(report.Perplexity, Is.EqualTo(perplexity).Within(Rounding * k));

        // Mutual information as the mean KL from the mean posterior, where the product takes entropies apart.
        double information = Enumerable.Range(0, examples)
            .Average(b => Enumerable.Range(0, shape.CodeWidth).Sum(i => q[b, i] * (logQ[b, i] - Math.Log(mean[i]))));
        Assert.That(report.MutualInformation, Is.EqualTo(information).Within(Rounding * shape.Latents));

        double[] meanPrior = [.. reference.LogPrior(x).PointwiseExp().ColumnSums() / examples];
        double marginalKl = Enumerable.Range(0, shape.CodeWidth).Sum(i => mean[i] * Math.Log(mean[i] / meanPrior[i]));
        Assert.That(report.MarginalKl, Is.EqualTo(marginalKl).Within(Rounding * shape.Latents));
        if (shape.Prior != PriorKind.Conditional)
            Assert.That(
                report.MutualInformation + report.MarginalKl,
                Is.EqualTo(report.Kl).Within(Rounding * Math.Max(1, report.Kl)),
                "the two parts of the KL under a shared prior");
        Matrix<double> hard = ReferenceObjectives.Hardened(q, k);
        Assert.That(report.CodesUsed, Is.EqualTo(hard.ColumnSums().Count(sum => sum > 0)));
        Assert.That(report.Codes, Is.EqualTo(shape.CodeWidth));
        Assert.That(report.ActiveVariables, Is.EqualTo(reference.Kl(x).ColumnSums().Count(sum => sum / examples > 0.01)));
    }

    [Test]
    public void HardSamples_AverageToTheExpectation()
    {
        // One example over and over, sampled afresh in every row; both wrong samplers have to be many standard errors away for this to mean anything.
        const int Copies = 768;
        ModelCase shape = new() { Latents = 1, Categories = 19, Prior = PriorKind.Learned };
        DataSet one = shape.Data(1);
        DataSet data = one with { Count = Copies, Values = [.. Enumerable.Repeat(one.Values!, Copies).SelectMany(values => values)] };
        using DiscreteVae vae = Draw(shape);
        ReferenceVae reference = MeasuredStep.Widen(vae, shape);
        Matrix<double> x = MeasuredStep.Wide(one), logQ = reference.LogPosterior(x);
        double expected = reference.MeanReconstruction(x);
        double error = Math.Sqrt(SampleVariance(reference, x).Single() / Copies);
        double mode = reference.MeanReconstruction(x, ReferenceObjectives.Hardened(logQ, shape.Categories));
        double last = reference.MeanReconstruction(x, logQ.MapIndexed((_, i, _) => i % shape.Categories == shape.Categories - 1 ? 1.0 : 0.0));
        Assert.That(Math.Abs(mode - expected), Is.GreaterThan(10 * error), "the test could not tell the mode from a sample");
        Assert.That(Math.Abs(last - expected), Is.GreaterThan(10 * error), "the test could not tell the last category from a sample");
        float[] sampled = [.. Sampled(vae, data, 256, seed: 5)];
        Assert.That(sampled.Average(value => (double)value), Is.EqualTo(expected).Within((Significance.Sigmas * error) + Rounding), $"standard error {error}");
    }

    [Test]
    public void Evaluation_RepeatsBitForBit()
    {
        ModelCase shape = new() { Latents = 2, Categories = 3 };
        DataSet data = shape.Data(261);
        using DiscreteVae vae = Draw(shape);
        Evaluator evaluator = new(vae, data, seed: 5);
        EvaluationReport first = evaluator.Run();
        Assert.That(evaluator.Run(), Is.EqualTo(first));
        Assert.That(new Evaluator(vae, data, seed: 5).Run(), Is.EqualTo(first));
        Assert.That(new Evaluator(vae, data, seed: 6).Run(), Is.EqualTo(first), "nothing is drawn where the codes are summed");
        Assert.That(Sampled(vae, data, 261, seed: 6), Is.Not.EqualTo(Sampled(vae, data, 261, seed: 5)));
    }

    [Test]
    public void Volume_IsTakenFromDensitiesAlone()
    {
        ModelCase shape = new() { Latents = 1, Categories = 4, Likelihood = LikelihoodKind.Gaussian };
        using DiscreteVae vae = Draw(shape);
        EvaluationReport plain = new Evaluator(vae, shape.Data(20), seed: 5)
            .Run(), scaled = new Evaluator(vae, shape.Data(20), seed: 5) { LogVolume = 3 }.Run();
        Assert.That(scaled.Elbo, Is.EqualTo(plain.Elbo - 3).Within(1e-9));
        Assert.That(scaled.LogLikelihood, Is.EqualTo(plain.LogLikelihood - 3).Within(1e-9));
        Assert.That(scaled.Kl, Is.EqualTo(plain.Kl));
    }

    [Test]
    public void EmptySplit_IsRefused()
    {
        ModelCase shape = new() { Latents = 1, Categories = 2 };
        using DiscreteVae vae = Draw(shape);
        Assert.That(() => new Evaluator(vae, shape.Data(0), seed: 1), Throws.InstanceOf<Runtime.InputException>());
    }

    // The variance of log p(x | z) under the posterior, for each example.
    private static IEnumerable<double> SampleVariance(ReferenceVae reference, Matrix<double> x)
    {
        Matrix<double> q = reference.Joint(reference.LogPosterior(x)).PointwiseExp(), f = reference.LogLikelihoods(x);
        return Enumerable.Range(0, x.RowCount).Select(b =>
        {
            double mean = q.Row(b) * f.Row(b);
            return q.Row(b).Zip(f.Row(b), (p, value) => p * (value - mean) * (value - mean)).Sum();
        });
    }

    // The reconstructions at one hard sample each, in batches.
    private static IEnumerable<float> Sampled(DiscreteVae vae, DataSet data, int rows, ulong seed)
    {
        BatchEvaluator batch = new(vae, new DeviceData(vae.Device, vae.Arena, data), rows, seed, exact: null, importanceSamples: 0);
        return [.. Enumerable.Range(0, data.Count / rows).SelectMany(i => batch.Run(i * rows).Reconstruction)];
    }

    private DiscreteVae Draw(ModelCase shape, double deviation = 0.7)
    {
        DiscreteVae vae = new(Device, shape.Design(), seed: 1);
        MeasuredStep.DrawParameters(vae, deviation);
        return vae;
    }
}
