using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Bench.Works;

/// <summary>What layers do beside their matrix products.</summary>
internal static class LayerWorks
{
    private const int Width = 512;
    private const int Context = 16;
    private const int RowsPerExample = 8;
    private const int Variables = 20, Categories = 10, Embedded = 64;

    internal static IEnumerable<KernelWork> All(ProfileSize size)
    {
        int rows = KernelWorks.Rows(size.Elements, Width) / RowsPerExample * RowsPerExample;
        yield return new KernelWork($"R={rows} H={Width}", inputs =>
        {
            Matrix x = inputs.Filled(rows, Width), y = inputs.Empty(rows, Width);
            ActivationFunction.Forward(inputs.List, ActivationKind.Silu, x, y);
            ActivationFunction.Backward(inputs.List, ActivationKind.Silu, x, y, inputs.Empty(rows, Width));
            ColumnSum.Record(inputs.List, x, inputs.Empty(1, Width));
        });
        yield return new KernelWork($"R={rows} A={Width} C={Context}", inputs =>
            Concatenation.Record(inputs.List, inputs.Filled(rows, Width), inputs.Filled(rows, Context), inputs.Empty(rows, Width + Context)));
        yield return new KernelWork($"B={rows / RowsPerExample} P={RowsPerExample} H={Width}", inputs =>
        {
            Matrix x = inputs.Filled(rows, Width), c = inputs.Filled(rows / RowsPerExample, Width);
            ContextAddition.Forward(inputs.List, ActivationKind.Relu, x, c, inputs.Empty(rows, Width));
            ContextAddition.Backward(inputs.List, x, c, accumulate: false);
        });
        int examples = KernelWorks.Rows(size.Elements, Variables * Embedded);
        yield return new KernelWork($"B={examples} N={Variables} K={Categories} E={Embedded}", inputs =>
        {
            Matrix codes = inputs.Filled(examples, Variables * Categories), table = inputs.Filled(Variables * Categories, Embedded),
                grad = inputs.Filled(examples, Variables * Embedded);
            Embedding.Forward(inputs.List, codes, table, inputs.Empty(examples, Variables * Embedded), Variables);
            Embedding.BackwardCodes(inputs.List, grad, table, inputs.Empty(examples, Variables * Categories), Variables);
            Embedding.BackwardTable(inputs.List, codes, grad, inputs.Empty(Variables * Categories, Embedded), Variables);
        });
        int binary = KernelWorks.Rows(size.Elements, 2 * Width);
        yield return new KernelWork($"B={binary} N={Width} K=2", inputs =>
        {
            Matrix single = inputs.Filled(binary, Width), pairs = inputs.Filled(binary, 2 * Width);
            LogitPair.Forward(inputs.List, single, pairs);
            LogitPair.Backward(inputs.List, pairs, single);
            SignCode.Forward(inputs.List, Codes.Relaxed(pairs, Width), single);
            SignCode.Backward(inputs.List, single, pairs);
        });
    }
}
