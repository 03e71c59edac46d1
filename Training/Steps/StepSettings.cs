using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Estimators;

namespace IlgpuVae.Training.Steps;

/// <summary>What a training step needs to know beyond the model and the data.</summary>
public sealed record StepSettings
{
    /// <summary>B.</summary>
    public int Batch { get; init; } = 128;

    /// <summary>Builds the estimator.</summary>
    public Func<EstimatorInputs, Estimator> Estimator { get; init; } = inputs => new ExactEstimator(inputs);

    /// <summary>Learning rate, KL weight and temperature.</summary>
    public Scheduled<Schedule> Schedules { get; init; } = Scheduled.Default;

    /// <summary>What of the KL is minimised.</summary>
    public KlObjective Kl { get; init; } = new();

    /// <summary>The update rule.</summary>
    public OptimiserRule Optimiser { get; init; } = new(OptimiserKind.Adam);

    /// <summary>Longest gradient that is not shortened.</summary>
    public float ClipNorm { get; init; } = float.PositiveInfinity;

    /// <summary>Whether pixels are drawn afresh at every step.</summary>
    public DeviceBinarisation Binarisation { get; init; }

    /// <summary>Key of all random numbers.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Whether cuBLAS may cut the factors of the step's matrix products to TF32; see <see cref="LaunchList.Tf32"/>.</summary>
    public bool Tf32 { get; init; }

    /// <summary>Whether CUDA may have the step as one graph; false for comparisons.</summary>
    public bool AsGraph { get; init; } = true;
}
