using IlgpuVae.Kernels;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>The names under which files and logs know a step's numbers; programs read them, so they stay as they are.</summary>
public sealed class StepSlotsTests
{
    [Test]
    public void Names_AreThoseOfFilesAndLogs()
    {
        Assert.That(Names<float>(default(Scheduled<float>)), Is.SupersetOf(new[] { "learning_rate", "beta", "temperature" }));
        Assert.That(
            Names<float>(default(StepMetrics<float>)), Is.SupersetOf(new[] { "reconstruction", "kl", "gradient_norm", "mutual_information", "marginal_kl" }));
        Assert.That(
            Names<float>(default(StepState)),
            Is.SupersetOf(new[] { "gradient_scale", "first_moment_power", "second_moment_power", "scheduled.beta", "sums.marginal_kl" }));
    }

    [Test]
    public void Values_AreReplacedByName()
    {
        StepState state = StepState.Start with { Step = 7, Scheduled = Scheduled.At(Scheduled.Default, 1) };
        StepState changed = StepSlots.With<StepState, float>(state, (name, value) => name == "sums.kl" ? 3f : value);
        Assert.That(changed.Sums.Kl, Is.EqualTo(3f));
        Assert.That(changed with { Sums = default }, Is.EqualTo(state), "the others, and what is no number of this kind");
        Assert.That(state.Sums.Kl, Is.Zero, "what was given");
    }

    private static IEnumerable<string> Names<T>(object slots) => StepSlots.Of<T>(slots).Select(slot => slot.Key);
}
