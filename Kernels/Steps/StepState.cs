namespace IlgpuVae.Kernels;

/// <summary>
/// Everything scalar that changes from one training step to the next, in device memory, so that one recorded list of launches is
/// valid for every step. The kernels that use it read element 0 of a one-element array; files and logs know its numbers by name (<see cref="StepSlots"/>).
/// </summary>
public struct StepState
{
    /// <summary>The step being done, from 1; the random numbers' counter and the batch position follow from it.</summary>
    public int Step;

    /// <summary>The step whose loss or gradient was the first not to be finite, or 0.</summary>
    public int FirstBadStep;

    /// <summary>Steps summed in the metrics since they were last read.</summary>
    public int SummedSteps;

    /// <summary>Factor on the gradient: 1, less where its norm is clipped, 0 where it is not finite.</summary>
    public float GradientScale;

    /// <summary>beta1 to the power of the step, for Adam's bias correction.</summary>
    public float FirstMomentPower;

    /// <summary>beta2 to the power of the step, for Adam's bias correction.</summary>
    public float SecondMomentPower;

    /// <summary>What the schedules say in this step.</summary>
    public Scheduled<float> Scheduled;

    /// <summary>The metrics' sums over the summed steps.</summary>
    public StepMetrics<float> Sums;

    /// <summary>The state before the first step, with the scheduled values where nothing is asked for.</summary>
    public static StepState Start => new() { FirstMomentPower = 1f, SecondMomentPower = 1f, Scheduled = Kernels.Scheduled.At(Kernels.Scheduled.Default, 1) };

    /// <summary>The metrics' means over the summed steps.</summary>
    public readonly StepMetrics<float> Means
    {
        get
        {
            int steps = SummedSteps;
            return StepSlots.With<StepMetrics<float>, float>(Sums, (_, sum) => sum / steps);
        }
    }
}
