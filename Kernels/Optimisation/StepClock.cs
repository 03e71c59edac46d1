using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>The schedules of a training run.</summary>
/// <param name="LearningRate">Step size.</param>
/// <param name="Beta">Weight of the KL term.</param>
/// <param name="Temperature">Temperature of relaxations.</param>
public readonly record struct StepSchedules(Schedule LearningRate, Schedule Beta, Schedule Temperature);

/// <summary>What closes a step.</summary>
internal readonly record struct StepClose
{
    /// <summary>Reconstruction of each row, [R, 1], nats; their mean is the step's term.</summary>
    public required Matrix Reconstruction { get; init; }

    /// <summary>KL of each row, [B N, 1], nats; their sum over B is the step's term.</summary>
    public required Matrix Kl { get; init; }

    /// <summary>KL of the mean posterior of each variable, [N, 1], nats; nothing where it is not computed.</summary>
    public Matrix MarginalKl { get; init; }

    /// <summary>Mutual information of examples and each variable, [N, 1], nats; nothing where it is not computed.</summary>
    public Matrix Information { get; init; }

    /// <summary>B.</summary>
    public required int Batch { get; init; }

    /// <summary>Partial sums of the squared gradient from <see cref="GradientNorm"/>.</summary>
    public required Matrix SquaredGradient { get; init; }

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
    public static void Open(LaunchList list, ArrayView<StepState> state, StepSchedules schedules)
    {
        if (!schedules.Temperature.HasFiniteInverse)
            throw new ArgumentException(
                $"Temperature becomes so small, or falls so far, that 1 / Temperature is not finite in float32: {schedules.Temperature}.", nameof(schedules));
        list.Elements("step.open", 1, new OpenBody(state, schedules), Scalar);
    }

    /// <summary>Records the closing, between the backward pass and the optimiser.</summary>
    public static void Close(LaunchList list, ArrayView<StepState> state, StepClose close)
    {
        int longest = (int)Math.Max(close.Reconstruction.Length, Math.Max(close.Kl.Length, close.SquaredGradient.Length));
        KernelCost cost = Scalar
            + KernelCost.Floats(
                close.Reconstruction.Length + close.Kl.Length + close.SquaredGradient.Length,
                close.Reconstruction.Length + close.Kl.Length + close.SquaredGradient.Length);
        if (list.Device.Style == LaunchStyle.Processor)
            list.RowPerLane("step.close", 1, new CloseBody<OneLane>(state, close), cost);
        else
            list.RowPerGroup("step.close", 1, longest, new CloseBody<OneGroup>(state, close), cost);
    }

    internal readonly struct OpenBody(ArrayView<StepState> state, StepSchedules schedules) : IElementBody
    {
        public void At(int i)
        {
            StepState now = state[i];
            now.Step++;
            now.LearningRate = schedules.LearningRate.At(now.Step);
            now.Beta = schedules.Beta.At(now.Step);
            now.Temperature = schedules.Temperature.At(now.Step);
            state[i] = now;
        }
    }

    [OnGroups(typeof(OneGroup))]
    internal readonly struct CloseBody<TTeam>(ArrayView<StepState> state, StepClose close) : IRowBody
        where TTeam : struct, ILaneOrGroup
    {
        public void Row(int row)
        {
            float reconstruction = Sum(close.Reconstruction.View) / close.Reconstruction.Rows;
            float kl = Sum(close.Kl.View) / close.Batch;
            float marginalKl = Sum(close.MarginalKl.View);
            float information = Sum(close.Information.View);
            float norm = MathF.Sqrt(Sum(close.SquaredGradient.View));
            if (TTeam.Lane != 0)
                return;
            StepState now = state[row];

            // Not finite minus itself is not 0.
            float check = norm + reconstruction + kl;
            bool good = check - check == 0f;
            if (!good && now.FirstBadStep == 0)
                now.FirstBadStep = now.Step;
            now.GradientScale = 0f;
            if (now.FirstBadStep == 0)
            {
                now.GradientScale = norm > close.ClipNorm ? close.ClipNorm / norm : 1f;
                now.FirstMomentPower *= close.FirstMomentDecay;
                now.SecondMomentPower *= close.SecondMomentDecay;
                now.ReconstructionSum += reconstruction;
                now.KlSum += kl;
                now.MarginalKlSum += marginalKl;
                now.InformationSum += information;
                now.GradientNormSum += norm;
                now.SummedSteps++;
            }

            state[row] = now;
        }

        private static float Sum(ArrayView<float> values)
        {
            float sum = 0f;
            for (int i = TTeam.Lane; i < values.IntLength; i += TTeam.Lanes)
                sum += values[i];
            return TTeam.Sum(sum);
        }
    }
}
