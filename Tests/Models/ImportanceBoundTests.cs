using IlgpuVae.Model;
using IlgpuVae.Tests.Reference;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Evaluation;
using MathNet.Numerics.LinearAlgebra;

namespace IlgpuVae.Tests.Models;

/// <summary>
/// The importance-weighted bound, on a model with 2^15 joint codes: too many for evaluation's exact sum, few enough for the reference's.
/// </summary>
[TestFixtureSource(typeof(Target), nameof(Target.Best))]
public class ImportanceBoundTests(Target target) : ModelSuite(target)
{
    private const int Examples = 12;

    private static readonly ModelCase Shape = new() { Latents = 15, Categories = 2, DataWidth = 6, Prior = PriorKind.Learned, Embedding = CodeEmbedding.Sign };

    // 512 joint codes of each of 12 examples, more than evaluation sums by itself.
    private static readonly ModelCase Conditional = new()
    {
        Latents = 9,
        Categories = 2,
        DataWidth = 6,
        ContextWidth = 3,
        Prior = PriorKind.Conditional,
        Embedding = CodeEmbedding.Sign,
    };

    [Test]
    public void ConditionalBound_ApproachesTheExactLogLikelihood() => VerifyBound(Conditional, 211);

    [TestCase(511, "iwae-511")]
    [TestCase(512, "exact")]
    public void ConditionalModel_IsSummedWhereThatIsNoDearer(int samples, string kind)
    {
        using DiscreteVae vae = new(Device, Conditional.Design(), seed: 1);
        Assert.That(new Evaluator(vae, Conditional.Data(3), seed: 7, importanceSamples: samples).Run().LogLikelihoodKind, Is.EqualTo(kind));
        Assert.That(new Evaluator(vae, Conditional.Data(3), seed: 7).Run().LogLikelihood, Is.Null);
    }

    // 2000 samples come in chunks of 125; 211, a prime number, one by one, where noise that repeats from chunk to chunk would leave the ELBO.
    [TestCase(2000)]
    [TestCase(211)]
    public void Bound_ApproachesTheExactLogLikelihood(int samples) => VerifyBound(Shape, samples);

    private void VerifyBound(ModelCase shape, int samples)
    {
        DataSet data = shape.Data(Examples);
        using DiscreteVae vae = new(Device, shape.Design(), seed: 1);
        MeasuredStep.DrawParameters(vae, 0.3);
        ReferenceVae reference = MeasuredStep.Widen(vae, shape);
        Matrix<double> x = MeasuredStep.Wide(data);
        Matrix<double> logQ = reference.Joint(reference.LogPosterior(x)), logP = reference.Joint(reference.LogPrior(x));
        Matrix<double> logWeight = reference.LogLikelihoods(x).MapIndexed((b, s, f) => f + logP[b, s] - logQ[b, s]);
        double[] exact = Array.ConvertAll(Mean(logQ, logWeight.PointwiseExp()), Math.Log);

        // One sample: the ELBO, with the variance of log w.
        double[] elbo = Mean(logQ, logWeight);
        double[] variance = Mean(logQ, logWeight.MapIndexed((b, _, w) => (w - elbo[b]) * (w - elbo[b])));
        EvaluationReport single = new Evaluator(vae, data, seed: 7, importanceSamples: 1).Run();
        Assert.That(single.LogLikelihoodKind, Is.EqualTo("iwae-1"));
        Assert.That(single.LogLikelihood, Is.EqualTo(elbo.Average()).Within(Significance.Sigmas * Math.Sqrt(variance.Sum()) / Examples));

        // Many: with r the variance of w / p(x), the bound is below by r / 2M and scatters by sqrt(r / M).
        double[] relative = Mean(logQ, logWeight.MapIndexed((b, _, w) => Math.Pow(Math.Exp(w - exact[b]) - 1, 2)));
        double below = relative.Average() / (2 * samples);
        double error = Math.Sqrt(relative.Sum() / samples) / Examples;
        EvaluationReport many = new Evaluator(vae, data, seed: 7, importanceSamples: samples).Run();
        Assert.That(many.LogLikelihoodKind, Is.EqualTo($"iwae-{samples}"));
        Assert.That(many.LogLikelihood, Is.EqualTo(exact.Average() - below).Within(5 * error));
        Assert.That(exact.Average() - elbo.Average(), Is.GreaterThan(10 * error), "the test could not tell one sample from many");
    }

    [TestCase(1)]
    [TestCase(12)]
    [TestCase(13)]
    public void ConstantWeights_GiveTheExactValue(int samples)
    {
        // A decoder that sees nothing of the code and a posterior that is the prior: every weight is p(x), whatever is drawn. Two batches, several chunks.
        ModelCase shape = Shape with { Prior = PriorKind.Uniform };
        DataSet data = shape.Data(258);
        using DiscreteVae vae = new(Device, shape.Design(), seed: 1);
        MeasuredStep.DrawParameters(vae);
        foreach (Parameter parameter in vae.Parameters.All.Where(parameter => parameter.Name is "decoder.1.weight" or "encoder.2.weight" or "encoder.2.bias"))
            Device.Upload<float>(parameter.Value.View, new float[parameter.Length]);
        ReferenceVae reference = MeasuredStep.Widen(vae, shape);
        Matrix<double> x = Matrix<double>.Build.Dense(data.Count, data.Width, (b, d) => data.Values![(b * data.Width) + d]);
        double expected = reference.MeanReconstruction(x, Matrix<double>.Build.Dense(data.Count, shape.CodeWidth, 0.5));
        EvaluationReport report = new Evaluator(vae, data, seed: 7, importanceSamples: samples).Run();
        Assert.That(report.LogLikelihood, Is.EqualTo(expected).Within(1e-5 * Math.Abs(expected)));
        Assert.That(report.Kl, Is.Zero.Within(1e-5));
    }

    [Test]
    public void NoSamples_LeaveTheBoundOut()
    {
        using DiscreteVae vae = new(Device, Shape.Design(), seed: 1);
        EvaluationReport report = new Evaluator(vae, Shape.Data(3), seed: 7).Run();
        Assert.That(report.LogLikelihood, Is.Null);
        Assert.That(report.LogLikelihoodKind, Is.Null);
    }

    // The posterior mean of each row.
    private static double[] Mean(Matrix<double> logQ, Matrix<double> values) => [.. logQ.PointwiseExp().PointwiseMultiply(values).RowSums()];
}
