using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>Every course with and without warm-up, on the host and on the device, from the first step to far past the end.</summary>
public class ScheduleTests(Target target) : AcceleratorSuite(target)
{
    private static readonly int[] Steps = [1, 2, 3, 7, 8, 9, 14, 19, 20, 21, 22, 37, 107, 108, 1000, 100_000];

    [Test]
    public void Value_IsTheFormulaOnHostAndDevice(
        [Values] ScheduleKind kind, [Values(0, 1, 7)] int warmup, [Values(1, 13, 100)] int length, [Values(0.01f, 1f)] float to)
    {
        Schedule schedule = new(kind, 0.5f, to, length, warmup);
        double[] expected = [.. Steps.Select(step => ScheduleReference.At(schedule, step))];
        Tolerance.CheckRounded("host", [.. Steps.Select(schedule.At)], expected, Steps.Length);

        foreach (IGrouping<string, KeyValuePair<string, float>> slot in Steps.SelectMany(step => OnDevice(schedule, step)).GroupBy(value => value.Key))
            Tolerance.CheckRounded($"device, {slot.Key}", [.. slot.Select(value => value.Value)], expected, Steps.Length);
    }

    [Test]
    public void Ends_AreExact([Values] ScheduleKind kind)
    {
        Schedule schedule = new(kind, 0.1f, kind == ScheduleKind.Constant ? 0.1f : 0.7f, 10, 3);
        Assert.That(schedule.At(4), Is.EqualTo(0.1f), "the first step after the warm-up");
        Assert.That(schedule.At(14), Is.EqualTo(kind == ScheduleKind.Cyclical ? 0.1f : schedule.To).Within(1).Ulps, "the end of the course");
    }

    [Test]
    public void FromZero_IsPossible([Values(ScheduleKind.Linear, ScheduleKind.Cosine, ScheduleKind.Cyclical)] ScheduleKind kind)
    {
        // KL annealing starts at beta = 0.
        Schedule schedule = new(kind, 0f, 1f, 10, 0);
        Tolerance.CheckRounded("from zero", [.. Steps.Select(schedule.At)], [.. Steps.Select(step => ScheduleReference.At(schedule, step))], Steps.Length);
        Assert.That(schedule.At(1), Is.Zero);
    }

    [Test]
    public void Value_StaysBetweenItsEnds([Values(ScheduleKind.Linear, ScheduleKind.Exponential, ScheduleKind.Cosine, ScheduleKind.Cyclical)] ScheduleKind kind)
    {
        // A rate a little below 0 would climb the loss.
        Schedule schedule = new(kind, 1e-3f, kind == ScheduleKind.Exponential ? 1e-6f : 0f, 1000, 0);
        Assert.That(Enumerable.Range(1, 1200).Select(schedule.At), Is.All.InRange(schedule.To * 0.999999f, schedule.From * 1.000001f));
    }

    /// <summary>Courses whose smallest value, wherever it is, has no inverse in float32, and courses that just have one.</summary>
    [TestCase(ScheduleKind.Constant, 1e-39f, 1e-39f, 0, false)]
    [TestCase(ScheduleKind.Constant, 1e-37f, 1e-37f, 0, true)]
    [TestCase(ScheduleKind.Constant, 1e-37f, 1e-37f, 100, false)]
    [TestCase(ScheduleKind.Linear, 1f, 1e-40f, 0, false)]
    [TestCase(ScheduleKind.Linear, 1e-40f, 1f, 0, false)]
    [TestCase(ScheduleKind.Cosine, 1f, 1e-37f, 3, true)]
    [TestCase(ScheduleKind.Cyclical, 1f, 1e-40f, 0, false)]
    [TestCase(ScheduleKind.Exponential, 1f, 1e-37f, 0, true)]
    [TestCase(ScheduleKind.Exponential, 1f, 5e-39f, 0, false)]
    [TestCase(ScheduleKind.Exponential, 1e10f, 1e-30f, 0, false)]
    [TestCase(ScheduleKind.Exponential, 1e-30f, 1e10f, 0, false)]
    public void Temperatures_HaveAFiniteInverse(ScheduleKind kind, float from, float to, int warmup, bool finite)
    {
        Schedule schedule = new(kind, from, to, kind == ScheduleKind.Constant ? 1 : 9, warmup);
        Assert.That(schedule.HasFiniteInverse, Is.EqualTo(finite));
        if (finite)
            Assert.That(Enumerable.Range(1, 30).Select(step => 1f / schedule.At(step)), Is.All.Matches<float>(float.IsFinite));
        void Open() => StepClock.Open(new LaunchList(Device), Upload(default(StepState)), Scheduled.Default with { Temperature = schedule });
        Assert.That(Open, finite ? Throws.Nothing : Throws.ArgumentException.With.Message.StartsWith("Temperature"));
    }

    // Step clocks evaluate schedules for the step after the one in the state.
    private IReadOnlyList<KeyValuePair<string, float>> OnDevice(Schedule schedule, int step)
    {
        ArrayView<StepState> state = Upload(new StepState { Step = step - 1 });
        Run(list => StepClock.Open(list, state, StepSlots.With<Scheduled<Schedule>, Schedule>(Scheduled.Default, (_, _) => schedule)));
        StepState opened = Device.Download(state)[0];
        Assert.That(opened.Step, Is.EqualTo(step));
        return StepSlots.Of<float>(opened.Scheduled);
    }
}
