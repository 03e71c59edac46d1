using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Bench.Works;

/// <summary>REBAR and RELAX, tuned: two relaxed samples an example.</summary>
internal static class RebarWorks
{
    private const int Variables = 20, Categories = 10, Width = Variables * Categories, Probes = 2;

    internal static IEnumerable<KernelWork> All(ProfileSize size)
    {
        int batch = KernelWorks.Rows(size.Elements / 4, Width);
        yield return new KernelWork($"B={batch} N={Variables} K={Categories}", inputs => Record(inputs, batch));
    }

    private static void Record(WorkInputs inputs, int batch)
    {
        RebarSample sample = new()
        {
            Logits = inputs.Filled(batch, Width),
            Codes = inputs.HardCodes(batch, Variables, Categories),
            Gaps = inputs.Empty(batch, Width),
            Probes = inputs.Empty(batch * Probes, Width),
            Control = inputs.Empty(1, 2),
            InitialScale = 1f,
        };
        Matrix estimate = inputs.Empty(batch, Width), directions = inputs.Empty(batch, Width), parts = inputs.Empty(batch * Variables, 2);
        RebarSignals signals = new()
        {
            Sums = inputs.Empty(batch * Probes * Variables, 4),
            LogLikelihood = inputs.Filled(batch, 1),
            ProbeLogLikelihood = inputs.Filled(batch * Probes, 1),
            ProbesGrad = inputs.Filled(batch * Probes, Width),
            Network = inputs.Filled(batch * Probes, 1),
            NetworkGrad = inputs.Filled(batch * Probes, Width),
            LogitsGrad = inputs.Empty(batch, Width),
            Estimate = estimate,
            ControlSlopes = inputs.Empty(batch * Variables, 2),
        };
        Rebar.Sample(inputs.List, inputs.State, sample, Variables, KernelWorks.Seed);
        Rebar.Backward(inputs.List, inputs.State, sample, signals, Variables, 1f / batch);
        Relax.Directions(inputs.List, inputs.State, sample, estimate, directions, parts, Variables);
        Relax.TrainingRows(inputs.List, sample, directions, parts, inputs.Empty(3 * batch, Width), inputs.Empty(3 * batch, 1), Variables, 1f / batch);
    }
}
