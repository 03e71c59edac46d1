using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Bench.Works;

/// <summary>Kernels over rows of categories: short rows that one lane takes, rows of whole vectors, long rows.</summary>
internal static class CategoricalWorks
{
    private const float MixedShare = 0.01f;
    private const float MarginalWeight = 2f;
    private const int Variables = 20, Categories = 10;
    private static readonly int[] Widths = [2, Categories, 64, 1024];

    internal static IEnumerable<KernelWork> All(ProfileSize size)
    {
        const int passWidth = 64;
        yield return new KernelWork($"R={size.PassRows} K={passWidth}", inputs => Pass(inputs, size.PassRows, passWidth));
        if (size.Huge > 0)
        {
            int rows = size.Huge / passWidth;
            yield return new KernelWork($"R={rows} K={passWidth}", inputs => Pass(inputs, rows, passWidth));
            yield return new KernelWork($"R={rows} K={passWidth}", inputs => Forward(inputs, rows, passWidth));
        }

        foreach (int k in Widths)
            yield return OfRows(KernelWorks.Rows(size.Elements, k), k);

        int batch = KernelWorks.Rows(size.Elements, Variables * Categories);
        yield return new KernelWork($"B={batch} N={Variables} K={Categories}", inputs => Marginal(inputs, batch));
    }

    /// <summary>All of them over R rows of K categories.</summary>
    internal static KernelWork OfRows(int rows, int k) => new($"R={rows} K={k}", inputs =>
    {
        Forward(inputs, rows, k);
        Rest(inputs, rows, k);
    });

    // The softmax with and without noise side by side: what the noise costs its consumer.
    private static void Forward(WorkInputs inputs, int rows, int k)
    {
        Matrix logits = inputs.Filled(rows, k), result = inputs.Empty(rows, k);
        Softmax.Forward(inputs.List, logits, result);
        GumbelSoftmax.Forward(inputs.List, inputs.State, logits, result, null, KernelWorks.Seed, Randomness.Codes);
    }

    private static void Rest(WorkInputs inputs, int rows, int k)
    {
        LaunchList list = inputs.List;
        Matrix logits = inputs.Filled(rows, k), other = inputs.Filled(rows, k), result = inputs.Empty(rows, k), sums = inputs.Empty(rows, 1);
        Codes codes = inputs.HardCodes(rows, 1, k);
        Pass(inputs, rows, k);
        Softmax.LogForward(list, logits, result);
        Softmax.LogSumExp(list, logits, sums);
        Softmax.Backward(list, logits, other, result);
        GumbelSoftmax.Backward(list, inputs.State, logits, other, result);
        StraightThrough.Backward(list, StraightThroughRule.ReinMax, inputs.State, logits, codes, other, result);
        CategoricalSample.Record(list, inputs.State, logits, codes, KernelWorks.Seed, Randomness.Codes);
        UniformMix.Forward(list, logits, result, MixedShare);
        UniformMix.Backward(list, logits, other, result, MixedShare);
        LogMarginal.Record(list, logits, inputs.Filled(1, k), sums);
        GumbelNoise.Record(list, inputs.State, result, KernelWorks.Seed, Randomness.Codes);
    }

    private static void Pass(WorkInputs inputs, int rows, int k) => CategoricalPass.Record(
        inputs.List,
        new CategoricalTerms
        {
            Logits = inputs.Filled(rows, k),
            LogLikelihoods = inputs.Filled(rows, k),
            Kl = inputs.Empty(rows, 1),
            Reconstruction = inputs.Empty(rows, 1),
            LogitsGrad = inputs.Empty(rows, k),
            LogLikelihoodsGrad = inputs.Empty(rows, k),
        },
        inputs.State,
        1f / rows);

    private static void Marginal(WorkInputs inputs, int batch)
    {
        int rows = batch * Variables;
        CategoricalTerms pass = new()
        {
            Logits = inputs.Filled(rows, Categories),
            Prior = inputs.Filled(rows, Categories),
            Kl = inputs.Empty(rows, 1),
            LogitsGrad = inputs.Empty(rows, Categories),
            PriorGrad = inputs.Empty(rows, Categories),
            Objective = new KlObjective { MarginalWeight = MarginalWeight },
        };
        MarginalKl.Record(
            inputs.List,
            new MarginalKlTerms
            {
                Pass = pass,
                LogPosterior = inputs.Empty(rows, Categories),
                LogPrior = inputs.Empty(rows, Categories),
                LogRatio = inputs.Empty(Variables, Categories),
                MarginalKl = inputs.Empty(Variables, 1),
                Information = inputs.Empty(Variables, 1),
            },
            inputs.State);
    }
}
