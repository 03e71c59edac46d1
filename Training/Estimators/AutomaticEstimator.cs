using System.Globalization;
using IlgpuVae.Model;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Estimators;

/// <summary>
/// The rule behind <c>auto</c>: the exact sum over all K^N joint codes while a step of it fits the budget, else local-expectation while its N K rows an example
/// do, else Gumbel-Softmax.
/// </summary>
internal static class AutomaticEstimator
{
    // The budget: this many steps that decode one sample an example, and this share of the device's memory.
    private const double MostTime = 4;
    private const double MostMemory = 0.25;

    /// <summary>The name of the choice and the reason for it.</summary>
    internal static (string Name, string Reason) Make(VaeDesign design, int batch, ComputeDevice device)
    {
        (double Time, double Bytes) exact = ExactCost(design, batch), local = LocalExpectationCost(design, batch);
        string sum = string.Create(
            CultureInfo.InvariantCulture, $"summing over all {Math.Pow(design.Categories, design.Latents):G4} joint codes costs about {Cost(exact)}");
        string rows = $"decoding {design.Latents * design.Categories} rows an example about {Cost(local)}";
        string budget = string.Create(
            CultureInfo.InvariantCulture,
            $"the budget of {MostTime:G2} steps and {MostMemory:P0} of the device's memory, counting {Encoder(design).MultiplyAdds:N0} multiply-adds in the "
                + $"encoder and {Decoder(design).MultiplyAdds:N0} in the decoder");
        bool Fits((double Time, double Bytes) cost) => cost.Time <= MostTime && cost.Bytes <= MostMemory * device.MemoryBytes;
        if (Fits(exact))
            return ("exact", $"{sum}, within {budget}");

        // Of one variable local-expectation is the exact sum, done with more rows: where that does not fit, it does not either.
        return Fits(local)
            ? ("local-expectation", $"{sum}, and {rows}: only the latter is within {budget}")
            : ("gumbel-softmax", $"{sum}, and {rows}: both over {budget}");
    }

    // Backward passes cost twice their forward passes. The table of log-likelihoods and its backward pass are two products with the statistic, the joint
    // distribution a multiply-add for each variable of each code.
    private static (double Time, double Bytes) ExactCost(VaeDesign design, int batch)
    {
        double codes = Math.Pow(design.Categories, design.Latents);
        LayerCost decoder = HardDecoder(design);
        if (design.ContextWidth > 0)
            return ExactCostByExample(design, batch, codes);
        double statistic = design.Likelihood.NaturalWidth(design.DataWidth);
        double time = (3 * ((batch * (double)Encoder(design).MultiplyAdds) + (codes * decoder.MultiplyAdds)))
            + (batch * codes * ((2 * statistic) + design.Latents));
        double numbers = (codes * ((2 * decoder.Activations) + (2 * statistic))) + (2 * batch * codes);
        return (time / SingleSampleTime(design, batch), sizeof(float) * numbers);
    }

    // Where the decoder sees a context every example has rows of its own, decoded a second time for the backward pass where they come in chunks.
    private static (double Time, double Bytes) ExactCostByExample(VaeDesign design, int batch, double codes)
    {
        LayerCost decoder = HardDecoder(design);
        double rows = batch * codes, atOnce = Math.Min(rows, Math.Max(batch, CodeDecoderByExample.ChunkRows));
        double time = (3 * batch * (double)Encoder(design).MultiplyAdds) + ((rows > atOnce ? 4 : 3) * rows * decoder.MultiplyAdds);
        return (time / SingleSampleTime(design, batch), sizeof(float) * ((atOnce * ((2 * decoder.Activations) + design.Latents)) + (2 * rows)));
    }

    private static (double Time, double Bytes) LocalExpectationCost(VaeDesign design, int batch)
    {
        double width = design.Latents * design.Categories, rows = batch * width;
        LayerCost decoder = HardDecoder(design);
        double time = 3 * ((batch * (double)Encoder(design).MultiplyAdds) + (rows * decoder.MultiplyAdds));
        return (time / SingleSampleTime(design, batch), sizeof(float) * rows * ((2 * decoder.Activations) + design.Latents));
    }

    private static double SingleSampleTime(VaeDesign design, int batch) => 3.0 * batch * (Encoder(design).MultiplyAdds + Decoder(design).MultiplyAdds);

    private static LayerCost Encoder(VaeDesign design) => design.WholeEncoder.Cost(design.EncoderShape);

    private static LayerCost Decoder(VaeDesign design) => design.WholeDecoder.Cost(design.Latents * design.Categories);

    // Of hard codes the first layer reads a row of its weight for each variable.
    private static LayerCost HardDecoder(VaeDesign design) => design.WholeDecoder.CostOfNumbers(design.Latents, design.Latents * design.Categories);

    private static string Cost((double Time, double Bytes) cost) =>
        string.Create(CultureInfo.InvariantCulture, $"{cost.Time:G2} single-sample steps and {cost.Bytes / 1048576:G3} MiB");
}
