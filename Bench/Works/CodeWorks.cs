using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Bench.Works;

/// <summary>What first layers read of hard codes, samples and enumerations.</summary>
internal static class CodeWorks
{
    private const int Variables = 20, Categories = 10, Hidden = 256, Embedded = 64;
    private const int JointVariables = 4, JointCategories = 8;

    internal static IEnumerable<KernelWork> All(ProfileSize size)
    {
        int rows = KernelWorks.Rows(size.Elements, Hidden);
        yield return new KernelWork($"R={rows} N={Variables} K={Categories} H={Hidden}", inputs => Sum(inputs, inputs.HardCodes(rows, Variables, Categories)));
        int gathered = KernelWorks.Rows(size.Elements, Variables * Embedded);
        yield return new KernelWork($"R={gathered} N={Variables} K={Categories} E={Embedded}", inputs =>
        {
            Codes codes = inputs.HardCodes(gathered, Variables, Categories);
            TableRows.Gather(inputs.List, codes, inputs.Filled(codes.Width, Embedded), inputs.Empty(gathered, Variables * Embedded));
        });
        int joint = JointCodes.Count(JointVariables, JointCategories)!.Value;
        yield return new KernelWork($"S={joint} N={JointVariables} K={JointCategories} H={Hidden}", inputs =>
            Sum(inputs, JointCodes.Enumerate(inputs.List, inputs.HardCodes(joint, JointVariables, JointCategories))));
        int expanded = KernelWorks.Rows(size.Elements, Variables * Categories);
        yield return new KernelWork($"R={expanded} N={Variables} K={Categories}", inputs =>
            OneHotRows.Record(inputs.List, inputs.HardCodes(expanded, Variables, Categories), inputs.Empty(expanded, Variables * Categories)));
        int binary = KernelWorks.Rows(size.Elements, Hidden);
        yield return new KernelWork($"R={binary} N={Hidden} K=2", inputs =>
            SignCode.Forward(inputs.List, inputs.HardCodes(binary, Hidden, 2), inputs.Empty(binary, Hidden)));
    }

    private static void Sum(WorkInputs inputs, Codes codes)
    {
        Matrix table = inputs.Filled(codes.Width, Hidden), y = inputs.Empty(codes.Rows, Hidden);
        TableRows.Sum(inputs.List, codes, table, inputs.Filled(1, Hidden), ActivationKind.Relu, y);
        TableRows.Backward(inputs.List, codes, inputs.Filled(codes.Rows, Hidden), table, accumulate: false);
    }
}
