namespace IlgpuVae.Runtime;

/// <summary>
/// Everything scalar that changes from one training step to the next, in device memory, so that one recorded list of launches is
/// valid for every step. The kernels that use it read element 0 of a one-element array.
/// </summary>
public struct StepState
{
    /// <summary>The step being done, from 1; the random numbers' counter and the batch position follow from it.</summary>
    public int Step;

    /// <summary>The step whose loss or gradient was the first not to be finite, or 0.</summary>
    public int FirstBadStep;

    /// <summary>Steps summed in the metrics since they were last read.</summary>
    public int SummedSteps;

    /// <summary>Step size of this step.</summary>
    public float LearningRate;

    /// <summary>Weight of the KL term in this step.</summary>
    public float Beta;

    /// <summary>Temperature of the relaxation in this step.</summary>
    public float Temperature;

    /// <summary>Factor on the gradient: 1, less where its norm is clipped, 0 where it is not finite.</summary>
    public float GradientScale;

    /// <summary>beta1 to the power of the step, for Adam's bias correction.</summary>
    public float FirstMomentPower;

    /// <summary>beta2 to the power of the step, for Adam's bias correction.</summary>
    public float SecondMomentPower;

    /// <summary>Sum over the summed steps of the mean reconstruction term, nats per example.</summary>
    public float ReconstructionSum;

    /// <summary>Sum over the summed steps of the mean KL, nats per example.</summary>
    public float KlSum;

    /// <summary>Sum over the summed steps of the KL of the batch's mean posterior, nats; 0 where it is not computed.</summary>
    public float MarginalKlSum;

    /// <summary>Sum over the summed steps of the mutual information of examples and codes in the batch, nats; 0 where it is not computed.</summary>
    public float InformationSum;

    /// <summary>Sum over the summed steps of the gradient's norm before clipping.</summary>
    public float GradientNormSum;
}
