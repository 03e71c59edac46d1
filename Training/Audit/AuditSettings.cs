using IlgpuVae.Kernels;

namespace IlgpuVae.Training.Audit;

/// <summary>What an audit needs to know beyond the model, the data and the estimators.</summary>
public sealed record AuditSettings
{
    /// <summary>B.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>M, draws of the batch's gradient; rounded up to whole blocks.</summary>
    public int Draws { get; init; } = 2048;

    /// <summary>Steps to train an estimator's own parameters for before it is measured.</summary>
    public int Tune { get; init; } = 300;

    /// <summary>Whether grey levels are drawn, once for the batch.</summary>
    public DeviceBinarisation Binarisation { get; init; }

    /// <summary>Key of the batch and of all noise.</summary>
    public ulong Seed { get; init; } = 1;
}
