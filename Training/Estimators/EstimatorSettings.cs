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

    /// <summary>Whether reinforce divides its advantages by their running standard deviation where that is above 1.</summary>
    public bool NormaliseVariance { get; init; }

    /// <summary>eta, the scale of the control variate of rebar and relax, to begin with; left out: 1.</summary>
    public double? ControlScale { get; init; }

    /// <summary>Whether rebar and relax tune eta and the temperature on the variance of the estimate; left out: they do.</summary>
    public bool? Tuned { get; init; }

    /// <summary>Hidden layers of relax's network and of a learned baseline; left out: 200,200 and 100.</summary>
    public IReadOnlyList<int>? ControlNetwork { get; init; }

    /// <summary>Step size of what the estimator trains for itself; left out: 0.01 for rebar, 0.001 for relax and a learned baseline.</summary>
    public double? ControlRate { get; init; }

    /// <summary>M, the conditional draws of gumbel-rao; left out: 10.</summary>
    public int? Draws { get; init; }

    /// <summary>vimco's leave-one-out signal; left out: geometric.</summary>
    public VimcoMean? Signal { get; init; }
}
