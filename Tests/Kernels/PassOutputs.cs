using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>Guarded outputs of the categorical pass.</summary>
public sealed class PassOutputs(ComputeDevice device, Arena arena, int rows, int k)
{
    /// <summary>KL, [R, 1].</summary>
    public GuardedMatrix Kl { get; } = new(device, arena, rows, 1);

    /// <summary>Expected reconstruction, [R, 1].</summary>
    public GuardedMatrix Reconstruction { get; } = new(device, arena, rows, 1);

    /// <summary>Gradient with respect to the logits, [R, K].</summary>
    public GuardedMatrix LogitsGrad { get; } = new(device, arena, rows, k);

    /// <summary>Gradient with respect to each row's prior logits, [R, K].</summary>
    public GuardedMatrix PriorGrad { get; } = new(device, arena, rows, k);

    /// <summary>Gradient with respect to the log-likelihoods, [R, K].</summary>
    public GuardedMatrix LogLikelihoodsGrad { get; } = new(device, arena, rows, k);

    /// <summary>The pass from these inputs to all outputs; the prior's gradient only where there is a prior.</summary>
    public CategoricalTerms Terms(Matrix logits, Matrix? prior, Matrix f) => new()
    {
        Logits = logits,
        Prior = prior,
        LogLikelihoods = f,
        Kl = Kl.Matrix,
        Reconstruction = Reconstruction.Matrix,
        LogitsGrad = LogitsGrad.Matrix,
        PriorGrad = prior is null ? null : PriorGrad.Matrix,
        LogLikelihoodsGrad = LogLikelihoodsGrad.Matrix,
    };
}
