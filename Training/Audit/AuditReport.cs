namespace IlgpuVae.Training.Audit;

/// <summary>What an audit measured: estimators of dL/dl [B, N K], L the mean negative ELBO of one batch, against its exact value.</summary>
public sealed record AuditReport
{
    /// <summary>N.</summary>
    public required int Latents { get; init; }

    /// <summary>K.</summary>
    public required int Categories { get; init; }

    /// <summary>B.</summary>
    public required int Batch { get; init; }

    /// <summary>How often an unbiased estimator would be called biased.</summary>
    public double Level { get; } = BiasTest.Level;

    /// <summary>Length of the exact gradient; biases and deviations are relative to it.</summary>
    public required double ExactNorm { get; init; }

    /// <summary>Most of <see cref="AuditedRow.OmnibusZ"/> of an unbiased estimator.</summary>
    public double OmnibusLimit { get; } = BiasTest.OmnibusLimit;

    /// <summary>Most of <see cref="AuditedRow.LargestZ"/> of an unbiased estimator.</summary>
    public required double LargestZLimit { get; init; }

    /// <summary>The estimators, in the order they were asked for.</summary>
    public required IReadOnlyList<AuditedRow> Estimators { get; init; }
}

/// <summary>What the draws say.</summary>
public enum AuditVerdict
{
    /// <summary>Neither test tells the mean from the exact gradient.</summary>
    NoBiasFound,

    /// <summary>The mean is not the exact gradient.</summary>
    Biased,

    /// <summary>It ascends something else than the ELBO, whose gradient its mean need not be.</summary>
    OtherObjective,
}

/// <summary>One estimator's measurements. Lengths are relative to the exact gradient's.</summary>
public sealed record AuditedRow
{
    /// <summary>What it is, with its settings.</summary>
    public required string Label { get; init; }

    /// <summary>Its name on the command line.</summary>
    public required string Name { get; init; }

    /// <summary>Temperature of the relaxation, for those that have one.</summary>
    public required double Temperature { get; init; }

    /// <summary>Steps that its own parameters were trained for, or null where it has none.</summary>
    public int? TunedSteps { get; init; }

    /// <summary>The objective whose gradient is estimated where that is not the ELBO, or null.</summary>
    public string? Objective { get; init; }

    /// <summary>Draws taken; few where they do not differ.</summary>
    public required int Draws { get; init; }

    /// <summary>What was found.</summary>
    public required AuditVerdict Verdict { get; init; }

    /// <summary>|mean - exact|, the noise taken out; 0 where nothing is left.</summary>
    public required double RelativeBias { get; init; }

    /// <summary>|mean - exact| that noise alone leads to.</summary>
    public required double NoiseFloor { get; init; }

    /// <summary>The least bias that would have been found.</summary>
    public required double DetectableBias { get; init; }

    /// <summary>Root of the total variance of one draw.</summary>
    public required double StandardDeviation { get; init; }

    /// <summary>Mean cosine between one draw and the exact gradient.</summary>
    public required double CosineOfDraw { get; init; }

    /// <summary>Cosine between the mean of the draws and the exact gradient.</summary>
    public required double CosineOfMean { get; init; }

    /// <summary>The test of all coordinates together, as a standard normal variable.</summary>
    public required double OmnibusZ { get; init; }

    /// <summary>The largest z-score of a coordinate.</summary>
    public required double LargestZ { get; init; }

    /// <summary>Median time of decoding and estimating, ms; gathering, encoding and updating are the same for all.</summary>
    public required double Milliseconds { get; init; }

    /// <summary>Decoder rows a step.</summary>
    public required int DecodedRows { get; init; }

    /// <summary>Device memory it took.</summary>
    public required long MemoryBytes { get; init; }
}
