using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training;

/// <summary>What of the KL a run minimises, from its options.</summary>
internal static class KlChoice
{
    /// <exception cref="InputException">A weight is no weight, or the run has no use for it.</exception>
    internal static KlObjective Make(TrainingOptions options, string estimator)
    {
        KlObjective objective = new()
        {
            PosteriorWeight = Weight("--posterior-kl-weight", options.PosteriorKlWeight),
            PriorWeight = Weight("--prior-kl-weight", options.PriorKlWeight),
            FreeBits = Weight("--free-bits", options.FreeBits),
            InformationWeight = Weight("--mi-weight", options.MiWeight),
            MarginalWeight = Weight("--marginal-weight", options.MarginalWeight),
        };
        if ((estimator == "vimco" || options.Objective == "iwae") && objective != new KlObjective())
            throw new InputException(
                $"{(estimator == "vimco" ? "vimco" : "--objective iwae")}: the importance-weighted bound has no KL of its own, so the weights of the KL's "
                    + "parts and --free-bits do not apply. Drop them, or change --estimator.");
        if (options.Prior != "uniform")
            return objective;
        if (objective.PriorWeight != 1f)
            throw new InputException("--prior-kl-weight weighs what the prior learns, and the uniform prior learns nothing. Drop it, or use --prior learned.");
        if (objective.FreeBits > 0f && objective.FreeBits >= Math.Log(options.Categories))
            throw new InputException(
                $"--free-bits {options.FreeBits} leaves no KL to minimise: under the uniform prior it is at most log {options.Categories} = "
                    + $"{Math.Log(options.Categories):F3} nats a variable. Use less.");
        return objective;
    }

    private static float Weight(string option, double weight) => weight >= 0 && float.IsFinite((float)weight)
        ? (float)weight
        : throw new InputException($"{option} {weight} is out of range. It has to be a number of at least 0.");
}
