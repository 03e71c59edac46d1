using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// One <typeparamref name="T"/> for each metric of a step: where it comes from, its value, its sum over steps. A new metric is one more member with its two
/// lines in <see cref="StepMetrics"/>, and whoever has it to tell.
/// </summary>
public record struct StepMetrics<T>
{
    /// <summary>Mean reconstruction term, nats per example.</summary>
    public T Reconstruction;

    /// <summary>Mean KL, nats per example.</summary>
    public T Kl;

    /// <summary>The gradient's norm before clipping; it comes from the partial sums of its square.</summary>
    public T GradientNorm;

    /// <summary>Mutual information of examples and codes in the batch, nats; only of objectives that split the KL.</summary>
    public T MutualInformation;

    /// <summary>KL of the batch's mean posterior, nats; only of objectives that split the KL.</summary>
    public T MarginalKl;
}

/// <summary>Where a metric comes from: the sum of numbers on the device, divided.</summary>
/// <param name="Values">The numbers; none for a metric that is not measured, which is 0.</param>
/// <param name="Divisor">What their sum is divided by.</param>
public readonly record struct Measured(Matrix Values, float Divisor);

/// <summary>A step's metrics, and their sums.</summary>
public static class StepMetrics
{
    /// <summary>The names of those that are measured, as in <see cref="StepSlots"/>.</summary>
    public static IReadOnlySet<string> Names(StepMetrics<Measured> metrics) =>
        StepSlots.Of<Measured>(metrics).Where(metric => metric.Value.Values.Length > 0).Select(metric => metric.Key).ToHashSet();

    /// <summary>The values of a step, by all lanes of a team; right on its first.</summary>
    internal static StepMetrics<float> Measure<TTeam>(StepMetrics<Measured> metrics)
        where TTeam : struct, ILaneOrGroup => new()
        {
            Reconstruction = Value<TTeam>(metrics.Reconstruction),
            Kl = Value<TTeam>(metrics.Kl),
            GradientNorm = MathF.Sqrt(Value<TTeam>(metrics.GradientNorm)),
            MutualInformation = Value<TTeam>(metrics.MutualInformation),
            MarginalKl = Value<TTeam>(metrics.MarginalKl),
        };

    internal static StepMetrics<float> Sum(StepMetrics<float> sums, StepMetrics<float> step) => new()
    {
        Reconstruction = sums.Reconstruction + step.Reconstruction,
        Kl = sums.Kl + step.Kl,
        GradientNorm = sums.GradientNorm + step.GradientNorm,
        MutualInformation = sums.MutualInformation + step.MutualInformation,
        MarginalKl = sums.MarginalKl + step.MarginalKl,
    };

    private static float Value<TTeam>(Measured metric)
        where TTeam : struct, ILaneOrGroup
    {
        ArrayView<float> values = metric.Values.View;
        float sum = 0f;
        for (int i = TTeam.Lane; i < values.IntLength; i += TTeam.Lanes)
            sum += values[i];
        sum = TTeam.Sum(sum);
        return values.IntLength > 0 ? sum / metric.Divisor : 0f;
    }
}
