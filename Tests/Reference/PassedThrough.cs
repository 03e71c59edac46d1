using IlgpuVae.Kernels;
using MathNet.Numerics.LinearAlgebra;

namespace IlgpuVae.Tests.Reference;

/// <summary>
/// Sampled codes as the straight-through papers' listings write them for automatic differentiation, z + y(l) - stopgradient(y): the value is the sample, the
/// derivative that of y. Losses that take such codes for z can be differentiated by differences.
/// </summary>
/// <param name="rule">How the gradient passes.</param>
/// <param name="sampled">z, one-hot, [R, N K].</param>
/// <param name="logits">l [R, N K] where the loss is differentiated.</param>
/// <param name="temperature">t.</param>
/// <param name="categories">K.</param>
public sealed class PassedThrough(StraightThroughRule rule, Matrix<double> sampled, Matrix<double> logits, double temperature, int categories)
{
    private readonly Matrix<double> frozen = logits.Clone();

    /// <summary>The codes at logits near those.</summary>
    public Matrix<double> Codes(Matrix<double> at) => sampled + Soft(at) - Soft(frozen);

    // ReinMax is Liu et al. 2023, algorithm 2: y = 2 softmax(l + stopgradient(log pi_1 - l)) - 1/2 softmax(l), pi_1 = (softmax(l / t) + z) / 2.
    private Matrix<double> Soft(Matrix<double> at)
    {
        if (rule == StraightThroughRule.Plain)
            return ReferenceObjectives.Softmax(at / temperature, categories);
        Matrix<double> middle = (ReferenceObjectives.Softmax(frozen / temperature, categories) + sampled) / 2;
        return (2 * ReferenceObjectives.Softmax(at + middle.PointwiseLog() - frozen, categories)) - (0.5 * ReferenceObjectives.Softmax(at, categories));
    }
}
