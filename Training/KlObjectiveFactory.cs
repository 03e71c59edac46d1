using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training;

/// <summary>What of the KL a run minimises, from its options.</summary>
internal static class KlObjectiveFactory
{
    /// <exception cref="InputException">A weight is no weight, or the run has no use for it.</exception>
    internal static KlObjective Make(TrainingOptions options, string estimator)
    {
        KlObjective objective = new()
        {
            PosteriorWeight = Weight(nameof(options.PosteriorKlWeight), options.PosteriorKlWeight),
            PriorWeight = Weight(nameof(options.PriorKlWeight), options.PriorKlWeight),
            FreeBits = Weight(nameof(options.FreeBits), options.FreeBits),
            InformationWeight = Weight(nameof(options.MiWeight), options.MiWeight),
            MarginalWeight = Weight(nameof(options.MarginalWeight), options.MarginalWeight),
        };
        if ((estimator == "vimco" || options.Objective == "iwae") && objective != new KlObjective())
            throw new InputException(
                $"{(estimator == "vimco" ? "vimco" : Setting.Of(nameof(options.Objective), "iwae"))}: the importance-weighted bound has no KL of its own, "
                    + $"so the weights of the KL's "
                    + $"parts and {Setting.Of(nameof(options.FreeBits))} do not apply. Drop them, or change {Setting.Of(nameof(options.Estimator))}.");
        if (options.Prior != "uniform")
            return objective;
        if (objective.PriorWeight != 1f)
            throw new InputException(
                $"{Setting.Of(nameof(options.PriorKlWeight))} weighs what the prior learns, and the uniform prior learns nothing. Drop it, or use "
                    + $"{Setting.Of(nameof(options.Prior), "learned")}.");
        if (objective.FreeBits > 0f && objective.FreeBits >= Math.Log(options.Categories))
            throw new InputException(
                $"{Setting.Of(nameof(options.FreeBits), options.FreeBits)} leaves no KL to minimise: under the uniform prior it is at most log "
                    + $"{options.Categories} = "
                    + $"{Math.Log(options.Categories):F3} nats a variable. Use less.");
        return objective;
    }

    private static float Weight(string setting, double weight) => weight >= 0 && float.IsFinite((float)weight)
        ? (float)weight
        : throw new InputException($"{Setting.Of(setting, weight)} is out of range. It has to be a number of at least 0.");
}
