using IlgpuVae.Kernels;

namespace IlgpuVae.Training.Estimators;

/// <summary>An estimator by name, with what can be set about it.</summary>
public sealed record EstimatorSettings
{
    /// <summary>Its name, or <c>auto</c>.</summary>
    public required string Name { get; init; }

    /// <summary>S, where it draws several samples; left out: its own default.</summary>
    public int? Samples { get; init; }

    /// <summary>The baseline of reinforce; left out: leave-one-out for more than one sample, a moving average for one.</summary>
    public BaselineKind? Baseline { get; init; }

    /// <summary>M, the conditional draws of gumbel-rao; left out: 10.</summary>
    public int? Draws { get; init; }

    /// <summary>vimco's leave-one-out signal; left out: geometric.</summary>
    public VimcoMean? Signal { get; init; }
}
