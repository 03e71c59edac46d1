using IlgpuVae.Kernels;
using IlgpuVae.Tests.Reference;
using IlgpuVae.Training.Estimators;
using MathNet.Numerics.LinearAlgebra;

namespace IlgpuVae.Tests.Models;

/// <summary>
/// The gradient of every parameter after a whole training step, against central differences of the float64 objective. Each case takes two steps, so that a
/// gradient that adds to the last one's, or noise that does not move on, shows.
/// </summary>
[TestFixtureSource(typeof(Target), nameof(Target.All))]
public class GradientTests(Target target) : ModelSuite(target)
{
    // Two steps of 3 of 7 examples stay inside an epoch; the second meets other examples than the first.
    private const int Examples = 7;
    private const int Batch = 3;
    private const int Steps = 2;

    // Not 1, so that a forgotten temperature shows.
    private const float Temperature = 0.6f;

    private static IEnumerable<ModelCase> Cases => ModelCases.All;

    [TestCaseSource(nameof(Cases))]
    public void Exact_MatchesFloat64(ModelCase shape)
    {
        MeasuredStep measured = new(Device, shape, inputs => new ExactEstimator(inputs), Examples, Batch, Steps);
        ReferenceVae reference = measured.Reference;
        measured.VerifyMetrics(step => reference.MeanReconstruction(measured.Batch(step)), step => reference.MeanKl(measured.Batch(step)));
        Matrix<double> x = measured.Batch(Steps);
        measured.VerifyGradients(() => (shape.Beta * reference.MeanKl(x)) - reference.MeanReconstruction(x));
    }

    // 1 code a chunk, 2 and 3: chunks that go up and a last one that is smaller, for 2 to 19 codes.
    [TestCaseSource(typeof(ModelCases), nameof(ModelCases.Conditional))]
    public void ExactInChunks_MatchesFloat64(ModelCase shape)
    {
        foreach (int codes in new[] { 1, 2, 3 })
        {
            MeasuredStep measured = new(Device, shape, inputs => new ExactEstimator(inputs, chunkRows: (codes * Batch) + 1), Examples, Batch, Steps);
            Matrix<double> x = measured.Batch(Steps);
            measured.VerifyGradients(() => (shape.Beta * measured.Reference.MeanKl(x)) - measured.Reference.MeanReconstruction(x));
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void GumbelSoftmax_MatchesFloat64(ModelCase shape)
    {
        MeasuredStep measured = new(Device, shape, inputs => new GumbelSoftmaxEstimator(inputs, straightThrough: false), Examples, Batch, Steps, Temperature);
        ReferenceVae reference = measured.Reference;
        measured.VerifyMetrics(
            step => reference.MeanReconstruction(measured.Batch(step), Soft(measured, shape, step)), step => reference.MeanKl(measured.Batch(step)));
        Matrix<double> x = measured.Batch(Steps);
        measured.VerifyGradients(() => (shape.Beta * reference.MeanKl(x)) - reference.MeanReconstruction(x, Soft(measured, shape, Steps)));
    }

    [TestCaseSource(nameof(Cases))]
    public void StraightThrough_MatchesFloat64(ModelCase shape)
    {
        MeasuredStep measured = new(Device, shape, inputs => new GumbelSoftmaxEstimator(inputs, straightThrough: true), Examples, Batch, Steps, Temperature);
        ReferenceVae reference = measured.Reference;
        measured.VerifyMetrics(
            step => reference.MeanReconstruction(measured.Batch(step), ReferenceObjectives.Hardened(Soft(measured, shape, step), shape.Categories)),
            step => reference.MeanKl(measured.Batch(step)));

        // Decoding hard + soft - stopgradient(soft) is what straight-through means: the value is the hard code, the derivative the soft one's.
        Matrix<double> x = measured.Batch(Steps), frozen = Soft(measured, shape, Steps);
        Matrix<double> offset = ReferenceObjectives.Hardened(frozen, shape.Categories) - frozen;
        measured.VerifyGradients(() => (shape.Beta * reference.MeanKl(x)) - reference.MeanReconstruction(x, offset + Soft(measured, shape, Steps)));
    }

    /// <summary>Weights of both sides, free bits and the split of the KL, all at once; the plain gradient would be far off.</summary>
    [TestCaseSource(nameof(Cases))]
    public void KlObjective_MatchesFloat64(ModelCase shape)
    {
        KlObjective objective = new() { PosteriorWeight = 0.6f, PriorWeight = 1.7f, FreeBits = 0.25f, InformationWeight = 0.5f, MarginalWeight = 2f };
        MeasuredStep measured = new(Device, shape, inputs => new ExactEstimator(inputs), Examples, Batch, Steps, kl: objective);
        ReferenceVae reference = measured.Reference;
        measured.VerifyMetrics(step => reference.MeanReconstruction(measured.Batch(step)), step => reference.MeanKl(measured.Batch(step)));
        double marginalKl = Enumerable.Range(1, Steps)
            .Sum(step => ReferenceObjectives.MarginalKl(reference.LogPosterior(measured.Batch(step)), reference.LogPrior(measured.Batch(step))));
        double information = Enumerable.Range(1, Steps).Sum(step => ReferenceObjectives.Information(reference.LogPosterior(measured.Batch(step))));
        Assert.That(measured.State.Sums.MarginalKl, Is.EqualTo(marginalKl).Within(1e-5 * Math.Max(1, information + marginalKl)));
        Assert.That(measured.State.Sums.MutualInformation, Is.EqualTo(information).Within(1e-5 * Math.Max(1, information)));

        // A side's weight scales what the KL does to that side's parameters: the KL with the other side held still.
        Matrix<double> x = measured.Batch(Steps), logQ = reference.LogPosterior(x), logP = reference.LogPrior(x);
        Matrix<double> gate = reference.Kl(x).Map(value => value < objective.FreeBits ? 0.0 : 1.0);
        double Kl(Matrix<double> q, Matrix<double> p) => ReferenceObjectives.WeighedKl(q, p, gate, objective, shape.Categories);
        measured.VerifyGradients(
            () => (shape.Beta * ((objective.PosteriorWeight * Kl(reference.LogPosterior(x), logP)) + (objective.PriorWeight * Kl(logQ, reference.LogPrior(x)))))
            - reference.MeanReconstruction(x));
    }

    private static Matrix<double> Soft(MeasuredStep measured, ModelCase shape, int step) => measured.Reference.Relaxed(
        measured.Batch(step), ReferenceObjectives.Gumbel(MeasuredStep.Seed, step, Batch, shape.Latents, shape.Categories), Temperature, shape.Categories);
}
