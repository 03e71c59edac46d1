using IlgpuVae.Runtime;

namespace IlgpuVae.Bench;

/// <content>Rows from the cost code of our launches, which the peers, who share the other part, do not know.</content>
public sealed partial record BenchRow
{
    /// <summary>A row of our own with what follows from its cost and its time.</summary>
    internal static BenchRow Of(string work, string shape, KernelCost cost, Percentiles ms) => new()
    {
        Provider = "ilgpu-vae",
        Work = work,
        Shape = shape,
        Ms = ms,
        Bytes = cost.Bytes,
        Flops = cost.Flops,
        GbPerS = cost.Bytes / ms.P50 / 1e6,
        GflopPerS = cost.Flops / ms.P50 / 1e6,
    };
}
