using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Tests.Reference;
using IlgpuVae.Training.Estimators;
using MathNet.Numerics.LinearAlgebra;

namespace IlgpuVae.Tests.Models;

/// <summary>
/// As <see cref="GradientTests"/>, for the estimators that pull back several samples on the importance-weighted bound: the noise is frozen, the codes move with
/// the logits, relaxed or as straight-through, and the bound of the moving codes is differentiated. What is linear in a code, log p and log q, is so in a
/// relaxed one.
/// </summary>
[TestFixtureSource(typeof(Target), nameof(Target.Best))]
public class WeightedGradientTests(Target target) : ModelSuite(target)
{
    private const int Examples = 7;
    private const int Batch = 3;
    private const int Samples = 4;
    private const int Steps = 2;
    private const float Temperature = 0.6f;

    private static readonly ModelCase[] Cases =
    [
        new() { Latents = 2, Categories = 3, Prior = PriorKind.Learned, UniformMix = 0.1f, Activation = ActivationKind.Silu, Beta = 2.5f },
        new()
        {
            Latents = 3,
            Categories = 2,
            ContextWidth = 3,
            Likelihood = LikelihoodKind.Categorical,
            Prior = PriorKind.Conditional,
            Embedding = CodeEmbedding.Sign,
            Decoder = [],
            Beta = 0.5f,
        },
        new() { Latents = 1, Categories = 19, Likelihood = LikelihoodKind.Gaussian, Embedding = CodeEmbedding.Table, Activation = ActivationKind.Tanh },
    ];

    [Test]
    public void Gradients_MatchFloat64(
        [ValueSource(nameof(Cases))] ModelCase shape, [Values("gumbel-softmax", "st-gumbel-softmax", "straight-through", "reinmax")] string name)
    {
        EstimatorChoice choice = EstimatorChoice.Make(
            new EstimatorSettings { Name = name, Objective = ObjectiveKind.Iwae, Samples = Samples }, shape.Design(), Batch, Device);
        MeasuredStep measured = new(Device, shape, choice.Build, Examples, Batch, Steps, Temperature);
        ReferenceVae reference = measured.Reference;
        measured.VerifyMetrics(
            step =>
                reference.MeanReconstruction(
                    measured.Batch(step),
                    name == "gumbel-softmax" ? Soft(measured, shape, step) : ReferenceObjectives.Hardened(Soft(measured, shape, step), shape.Categories)),
            step => reference.MeanKl(measured.Batch(step)));
        Matrix<double> x = measured.Batch(Steps);
        Func<Matrix<double>> codes = Moving(measured, shape, name);
        measured.VerifyGradients(() => -reference.MeanBound(x, codes()));

        // The same comparison tells the mean of log w, whose samples weigh the same.
        Assert.That(
            () => measured.VerifyGradients(() => -reference.LogWeights(x, codes(), codes(), reference.LogRatio(x)).RowSums().Average() / Samples),
            Throws.InstanceOf<AssertionException>());
    }

    private static Func<Matrix<double>> Moving(MeasuredStep measured, ModelCase shape, string name)
    {
        Matrix<double> frozen = Soft(measured, shape, Steps), hard = ReferenceObjectives.Hardened(frozen, shape.Categories);
        if (name == "gumbel-softmax")
            return () => Soft(measured, shape, Steps);
        if (name == "st-gumbel-softmax")
            return () => hard + Soft(measured, shape, Steps) - frozen;

        // The same noise chooses the hard sample by the Gumbel-max trick.
        Matrix<double> Logits() => ReferenceObjectives.PerSample(measured.Reference.Logits(measured.Batch(Steps)), Samples);
        PassedThrough passed = new(name == "reinmax" ? StraightThroughRule.ReinMax : StraightThroughRule.Plain, hard, Logits(), Temperature, shape.Categories);
        return () => passed.Codes(Logits());
    }

    private static Matrix<double> Soft(MeasuredStep measured, ModelCase shape, int step) => measured.Reference.Relaxed(
        measured.Batch(step), ReferenceObjectives.Gumbel(
            MeasuredStep.Seed, step, Batch * Samples, shape.Latents, shape.Categories), Temperature, shape.Categories);
}
