using IlgpuVae.Kernels;
using IlgpuVae.Model.Checkpoints;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Runs;

/// <summary>The numbers of a step's state in a checkpoint: a tensor <c>step.</c> and the slot's name for each, [1].</summary>
internal static class StateTensors
{
    private const string Prefix = "step.";

    // Checkpoints had all numbers in one tensor before slots had names, in this order.
    private const string FormerName = "step.state";

    private static readonly string[] Former =
    [
        "first_moment_power", "second_moment_power", "sums.reconstruction", "sums.kl", "sums.gradient_norm", "scheduled.learning_rate", "scheduled.beta",
        "scheduled.temperature", "sums.marginal_kl", "sums.mutual_information",
    ];

    internal static IEnumerable<NamedTensor> Export(StepState state) =>
        StepSlots.Of<float>(state).Select(slot => new NamedTensor(Prefix + slot.Key, [1], [slot.Value]));

    /// <summary>The state's numbers. A slot that is newer than the checkpoint has its value from before the first step.</summary>
    /// <exception cref="InputException">A number that every checkpoint has is missing.</exception>
    internal static StepState Import(SafeTensorsFile file)
    {
        float[]? former = file.Has(FormerName) ? file.Values(FormerName, [Former.Length]) : null;
        return StepSlots.With<StepState, float>(StepState.Start, (name, start) =>
        {
            int place = Array.IndexOf(Former, name);
            if (place < 0 && !file.Has(Prefix + name))
                return start;
            return place >= 0 && former is not null ? former[place] : file.Values(Prefix + name, [1])[0];
        });
    }
}
