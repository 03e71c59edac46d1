using System.Globalization;
using IlgpuVae.Model;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Estimators;

/// <summary>Which estimator a run gets, and why.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Reason">Why <c>auto</c> chose it, or null where the user did.</param>
/// <param name="Build">Builds it.</param>
public sealed record EstimatorChoice(string Name, string? Reason, Func<Posterior, Estimator> Build)
{
    // auto sums exactly while that costs at most this many single-sample steps, and this share of the device's memory.
    private const double LargestTimeRatio = 4;
    private const double LargestMemoryShare = 0.25;

    /// <summary>The estimators there are, in the order of the documentation.</summary>
    public static IReadOnlyList<string> Names { get; } = ["exact", "gumbel-softmax", "st-gumbel-softmax"];

    /// <summary>Chooses by name; <c>auto</c> sums exactly where that is affordable and relaxes otherwise.</summary>
    /// <exception cref="InputException">There is no such estimator.</exception>
    public static EstimatorChoice Make(string name, VaeDesign design, int batch, ComputeDevice device) => name switch
    {
        "exact" => new EstimatorChoice(name, null, posterior => new ExactEstimator(posterior)),
        "gumbel-softmax" => new EstimatorChoice(name, null, posterior => new GumbelSoftmaxEstimator(posterior, straightThrough: false)),
        "st-gumbel-softmax" => new EstimatorChoice(name, null, posterior => new GumbelSoftmaxEstimator(posterior, straightThrough: true)),
        "auto" => Automatic(design, batch, device),
        _ => throw new InputException($"--estimator {name} is not known. Use auto, {string.Join(", ", Names)}."),
    };

    private static EstimatorChoice Automatic(VaeDesign design, int batch, ComputeDevice device)
    {
        (double timeRatio, double bytes) = ExactCost(design, batch);
        string cost = string.Create(
            CultureInfo.InvariantCulture,
            $"summing over all {Math.Pow(design.Categories, design.Latents):G4} joint codes costs about {timeRatio:G2} single-sample steps and {bytes / 1048576:G3} MiB");
        return timeRatio <= LargestTimeRatio && bytes <= LargestMemoryShare * device.MemoryBytes
            ? Make("exact", design, batch, device) with { Reason = $"{cost}, within the budget of {LargestTimeRatio:G2} steps and {LargestMemoryShare:P0} of the device's memory" }
            : Make("gumbel-softmax", design, batch, device) with { Reason = $"{cost}, over the budget of {LargestTimeRatio:G2} steps and {LargestMemoryShare:P0} of the device's memory" };
    }

    /// <summary>Cost of the exact sum relative to a step that decodes one sample an example, and its memory in bytes, both from the shapes alone.</summary>
    private static (double TimeRatio, double Bytes) ExactCost(VaeDesign design, int batch)
    {
        double codes = Math.Pow(design.Categories, design.Latents);
        double decoder = DecoderMultiplyAdds(design);
        double statistic = design.Likelihood.StatisticWidth(design.DataWidth);
        double encoder = decoder;
        double single = 3 * batch * (encoder + decoder);
        double exact = (3 * ((batch * encoder) + (codes * decoder))) + (2 * batch * codes * statistic) + (batch * codes * design.Latents);
        double outputs = design.Likelihood.OutputWidth(design.DataWidth);
        double bytes = sizeof(float) * ((codes * ((2 * outputs) + (2 * statistic))) + (2 * batch * codes));
        return (exact / single, bytes);
    }

    // One hidden layer of 256 stands for decoders whose layers are not known here; only the ratio matters.
    private static double DecoderMultiplyAdds(VaeDesign design) =>
        256.0 * (design.Likelihood.OutputWidth(design.DataWidth) + (design.Latents * design.Categories));
}
