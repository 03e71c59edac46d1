using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>What closes a step.</summary>
internal readonly record struct StepClose
{
    /// <summary>
    /// The step's metrics: reconstruction of each row, [R, 1], over R, and KL of each row, [B N, 1], over B, both in nats; the partial sums of the squared
    /// gradient from <see cref="Kernels.GradientNorm"/> over 1; KL of the mean posterior and mutual information of each variable, [N, 1], nats, over 1, where
    /// they are computed.
    /// </summary>
    public required StepMetrics<Measured> Metrics { get; init; }

    /// <summary>Longest gradient that is not shortened; infinite for no clipping.</summary>
    public required float ClipNorm { get; init; }

    /// <summary>Adam's beta1.</summary>
    public float FirstMomentDecay { get; init; }

    /// <summary>Adam's beta2.</summary>
    public float SecondMomentDecay { get; init; }
}

/// <summary>
/// Opens and closes a training step on the device: counts it, evaluates the schedules, sums the metrics, clips the gradient's norm and notices the first
/// step whose loss or gradient is not finite. From that step on nothing is updated, so the parameters stay the last good ones.
/// </summary>
internal static class StepClock
{
    private static readonly KernelCost Scalar = new(2 * Interop.SizeOf<StepState>(), 16);

    /// <summary>Records the opening: Step + 1 and the scheduled values.</summary>
    /// <exception cref="ArgumentException">The temperature becomes so small that 1 / Temperature is not finite.</exception>
    public static void Open(LaunchList list, ArrayView<StepState> state, Scheduled<Schedule> schedules)
    {
        if (!schedules.Temperature.HasFiniteInverse)
            throw new ArgumentException(
                $"Temperature becomes so small, or falls so far, that 1 / Temperature is not finite in float32: {schedules.Temperature}.", nameof(schedules));
        list.Elements("step.open", 1, new OpenBody(state, schedules), Scalar);
    }

    /// <summary>Records the closing, between the backward pass and the optimiser.</summary>
    public static void Close(LaunchList list, ArrayView<StepState> state, StepClose close)
    {
        long[] lengths = [.. StepSlots.Of<Measured>(close.Metrics).Select(metric => metric.Value.Values.Length)];
        KernelCost cost = Scalar + KernelCost.Floats(lengths.Sum(), lengths.Sum());
        if (list.Device.Style == LaunchStyle.Processor)
            list.RowPerLane("step.close", 1, new CloseBody<OneLane>(state, close), cost);
        else
            list.RowPerGroup("step.close", 1, (int)lengths.Max(), new CloseBody<OneGroup>(state, close), cost);
    }

    internal readonly struct OpenBody(ArrayView<StepState> state, Scheduled<Schedule> schedules) : IElementBody
    {
        public void At(int i)
        {
            StepState now = state[i];
            now.Step++;
            now.Scheduled = Scheduled.At(schedules, now.Step);
            state[i] = now;
        }
    }

    [OnGroups(typeof(OneGroup))]
    internal readonly struct CloseBody<TTeam>(ArrayView<StepState> state, StepClose close) : IRowBody
        where TTeam : struct, ILaneOrGroup
    {
        public void Row(int row)
        {
            StepMetrics<float> step = StepMetrics.Measure<TTeam>(close.Metrics);
            if (TTeam.Lane != 0)
                return;
            StepState now = state[row];

            // Not finite minus itself is not 0.
            float check = step.GradientNorm + step.Reconstruction + step.Kl;
            bool good = check - check == 0f;
            if (!good && now.FirstBadStep == 0)
                now.FirstBadStep = now.Step;
            now.GradientScale = 0f;
            if (now.FirstBadStep == 0)
            {
                now.GradientScale = step.GradientNorm > close.ClipNorm ? close.ClipNorm / step.GradientNorm : 1f;
                now.FirstMomentPower *= close.FirstMomentDecay;
                now.SecondMomentPower *= close.SecondMomentDecay;
                now.Sums = StepMetrics.Sum(now.Sums, step);
                now.SummedSteps++;
            }

            state[row] = now;
        }
    }
}
