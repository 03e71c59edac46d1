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
    public ObjectiveKind Objective { get; init; }

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

    /// <summary>What reports call it: its name, and what is set about it.</summary>
    internal string Label => string.Join(", ", Given.Select(given => given.Value).OfType<string>().Prepend(Name));

    // Each setting with what reports say of it, null where it is not set.
    private IEnumerable<(EstimatorUses Use, string Setting, string? Value)> Given =>
    [
        (EstimatorUses.Baseline, Setting.Of(nameof(Baseline)), Baseline is { } baseline ? RunPlan.Name(baseline) : null),
        (EstimatorUses.Samples, Setting.Of(nameof(Samples)), Samples is { } samples ? Text($"S = {samples}") : null),
        (EstimatorUses.Objective, Setting.Of(nameof(Objective), ObjectiveKind.Iwae), Objective == ObjectiveKind.Iwae ? RunPlan.Name(Objective) : null),
        (EstimatorUses.NormaliseVariance, Setting.Of(nameof(NormaliseVariance)), NormaliseVariance ? "normalised variance" : null),
        (EstimatorUses.ControlScale, Setting.Of(nameof(ControlScale)), ControlScale is { } eta ? Text($"eta = {eta}") : null),
        (EstimatorUses.ControlScale, Setting.Of(nameof(Tuned)), Tuned is { } tuned ? (tuned ? "tuned" : "not tuned") : null),
        (EstimatorUses.ControlNetwork, Setting.Of(nameof(ControlNetwork)), ControlNetwork is { } widths ? $"network {string.Join('-', widths)}" : null),
        (EstimatorUses.ControlRate, Setting.Of(nameof(ControlRate)), ControlRate is { } rate ? Text($"rate {rate}") : null),
        (EstimatorUses.Draws, Setting.Of(nameof(Draws)), Draws is { } draws ? Text($"M = {draws}") : null),
        (EstimatorUses.Signal, Setting.Of(nameof(Signal)), Signal is { } signal ? RunPlan.Name(signal) : null),
    ];

    /// <summary>What a run's options say of its estimator.</summary>
    internal static EstimatorSettings Of(TrainingOptions options) => new()
    {
        Name = options.Estimator,
        Samples = options.Samples,
        Objective = RunPlan.Choose<ObjectiveKind>(nameof(options.Objective), options.Objective),
        Baseline = options.Baseline is { } baseline ? RunPlan.Choose<BaselineKind>(nameof(options.Baseline), baseline) : null,
        NormaliseVariance = options.NormaliseVariance,
        ControlScale = options.ControlScale,
        Tuned = options.TuneControl,
        ControlNetwork = options.ControlNetwork,
        ControlRate = options.ControlRate,
        Draws = options.Draws,
        Signal = options.Signal is { } signal ? RunPlan.Choose<VimcoMean>(nameof(options.Signal), signal) : null,
    };

    /// <summary>Checks that the estimator has a use for everything that is set.</summary>
    /// <exception cref="InputException">It has none for a setting, or the setting is out of range.</exception>
    internal void RequireUse(EstimatorUses uses)
    {
        foreach ((string setting, int? count) in new[] { (nameof(Samples), Samples), (nameof(Draws), Draws) })
        {
            if (count < 1)
                throw new InputException($"{Setting.Of(setting)} is {count}, and has to be at least 1.");
        }

        foreach ((EstimatorUses use, string setting, string? value) in Given)
        {
            if (value is not null && !uses.HasFlag(use))
            {
                string users = string.Join(", ", EstimatorCatalogue.All.Where(entry => entry.Uses.HasFlag(use)).Select(entry => entry.Name));
                throw new InputException($"{setting} is for {users}; {Name} has no use for it. "
                    + $"Drop it, or change {Setting.Of(nameof(TrainingOptions.Estimator))}.");
            }
        }

        if (ControlRate is { } rate && !((float)rate > 0 && float.IsFinite((float)rate)))
            throw new InputException($"{Setting.Of(nameof(ControlRate), rate)} is no step size. Use a number above 0.");
        if (ControlScale is { } eta && !float.IsFinite((float)eta))
            throw new InputException($"{Setting.Of(nameof(ControlScale), eta)} is out of range. Use a number such as 1.");
    }

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}

/// <summary>Which of <see cref="EstimatorSettings"/> an estimator takes.</summary>
[Flags]
internal enum EstimatorUses
{
    None = 0,
    Samples = 1,
    Objective = 2,
    Baseline = 4,
    NormaliseVariance = 8,

    // And whether it is tuned.
    ControlScale = 16,
    ControlNetwork = 32,
    ControlRate = 64,
    Draws = 128,
    Signal = 256,
}
