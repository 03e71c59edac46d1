using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Estimators;

/// <summary>An estimator by name, with what can be set about it.</summary>
public sealed record EstimatorSettings
{
    /// <summary>Its name, or <c>auto</c>.</summary>
    public required string Name { get; init; }

    /// <summary>S, where it draws several samples; left out: 4 for reinforce, 5 for the importance-weighted bound, 1 otherwise.</summary>
    public int? Samples { get; init; }

    /// <summary>What reinforce and the estimators that pull back samples ascend.</summary>
    public Bound Objective { get; init; }

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

    /// <summary>Checks that the estimator has a use for everything that is set.</summary>
    /// <exception cref="InputException">It has none for a setting, or the setting is out of range.</exception>
    internal void RequireUse()
    {
        bool takesSamples = Name is "reinforce" or "gumbel-softmax" or "st-gumbel-softmax" or "gumbel-rao" or "straight-through" or "reinmax";
        if (Samples is not null && !takesSamples && Name != "vimco")
            throw new InputException($"--samples is for reinforce, vimco and the estimators that pull back samples; {Name} has no use for it. Drop it, or change --estimator.");
        if (Objective == Bound.Iwae && !takesSamples)
            throw new InputException($"--objective iwae is for reinforce and the estimators that pull back samples, and vimco ascends it anyway; {Name} cannot. Drop it, or change --estimator.");
        if (Baseline is not null && Name != "reinforce")
            throw new InputException($"--baseline is for reinforce; {Name} has no use for it. Drop it, or change --estimator.");
        if (Draws is not null && Name != "gumbel-rao")
            throw new InputException($"--draws is for gumbel-rao; {Name} has no use for it. Drop it, or change --estimator.");
        if (Signal is not null && Name != "vimco")
            throw new InputException($"--signal is for vimco; {Name} has no use for it. Drop it, or change --estimator.");
        if (NormaliseVariance && Name != "reinforce")
            throw new InputException($"--normalise-variance is for reinforce; {Name} has no use for it. Drop it, or change --estimator.");
        if ((ControlScale is not null || Tuned is not null) && Name is not ("rebar" or "relax"))
            throw new InputException($"--control-scale and --tune-control are for rebar and relax; {Name} has no use for them. Drop them, or change --estimator.");
        bool hasNetwork = Name == "relax" || Baseline == BaselineKind.Learned;
        if (ControlNetwork is not null && !hasNetwork)
            throw new InputException($"--control-network is for relax and for reinforce with --baseline learned; {Name} has no use for it here. Drop it, or change --estimator.");
        if (ControlRate is not null && Name != "rebar" && !hasNetwork)
            throw new InputException($"--control-rate is for rebar, relax and reinforce with --baseline learned; {Name} has no use for it here. Drop it, or change --estimator.");
        if (ControlRate is { } rate && !((float)rate > 0 && float.IsFinite((float)rate)))
            throw new InputException($"--control-rate {rate} is no step size. Use a number above 0.");
        if (ControlScale is { } eta && !float.IsFinite((float)eta))
            throw new InputException($"--control-scale {eta} is out of range. Use a number such as 1.");
    }
}
