using System.Text.Json;

namespace IlgpuVae.Bench;

/// <summary>What one estimator learned.</summary>
public sealed record LearningRow
{
    /// <summary>The estimator with its settings.</summary>
    public required string Estimator { get; init; }

    /// <summary>Training steps.</summary>
    public required int Steps { get; init; }

    /// <summary>Key of its random numbers.</summary>
    public ulong Seed { get; init; }

    /// <summary>ELBO of training examples, one hard sample each, nats.</summary>
    public required double TrainElbo { get; init; }

    /// <summary>ELBO of the test split, one hard sample each, nats.</summary>
    public required double TestElbo { get; init; }

    /// <summary>log p(x), or log p(x | c), of the test split, where it can be summed.</summary>
    public double? TestLogLikelihood { get; init; }

    /// <summary>Mean time of a training step.</summary>
    public required double MillisecondsPerStep { get; init; }

    /// <summary>Decoded rows a step.</summary>
    public required int DecodedRows { get; init; }

    /// <summary>Device memory of model, data and step, with the audits'.</summary>
    public required long DeviceBytes { get; init; }

    /// <summary>Measurements along the way.</summary>
    public required IReadOnlyList<LearningPoint> Points { get; init; }
}

/// <summary>A measurement along the way.</summary>
/// <param name="Step">After so many steps.</param>
/// <param name="TrainElbo">The estimator's own running ELBO since the last point, nats; relaxed where the estimator relaxes.</param>
/// <param name="Gradient">Its gradient against the exact one, or null where there are too many joint codes.</param>
public sealed record LearningPoint(int Step, double TrainElbo, LearningAudit? Gradient);

/// <summary>A gradient against the exact one; lengths are relative to the exact gradient's.</summary>
/// <param name="RelativeBias">Bias, the noise taken out.</param>
/// <param name="NoiseFloor">What noise alone makes of a bias of 0.</param>
/// <param name="RelativeDeviation">Root of the total variance of one draw.</param>
/// <param name="CosineOfDraw">Mean cosine of a draw and the exact gradient.</param>
public sealed record LearningAudit(double RelativeBias, double NoiseFloor, double RelativeDeviation, double CosineOfDraw);

/// <summary>A file of learning runs.</summary>
/// <param name="Machine">Where they ran.</param>
/// <param name="Task">What was learned.</param>
/// <param name="Rows">The estimators.</param>
public sealed record LearningFile(Machine Machine, string Task, IReadOnlyList<LearningRow> Rows)
{
    /// <summary>Writes the file.</summary>
    public void Write(string path) => File.WriteAllText(path, JsonSerializer.Serialize(this, BenchFile.Options) + "\n");
}
