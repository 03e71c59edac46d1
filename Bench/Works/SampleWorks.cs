using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Bench.Works;

/// <summary>Estimators that draw samples: signals, baselines, pull-backs, importance weights.</summary>
internal static class SampleWorks
{
    private const int Variables = 20, Categories = 10, Width = Variables * Categories, Samples = 4;
    private const int Draws = 10;
    private const int BinaryVariables = 200;
    private const float Decay = 0.9f;

    internal static IEnumerable<KernelWork> All(ProfileSize size)
    {
        int signals = KernelWorks.Rows(size.Elements / 8, Samples);
        yield return new KernelWork($"B={signals} S={Samples}", inputs => Signals(inputs, signals));
        int batch = KernelWorks.Rows(size.Elements, Samples * Width);
        yield return new KernelWork($"B={batch} S={Samples} N={Variables} K={Categories}", inputs => Drawn(inputs, batch));
        int pulled = KernelWorks.Rows(size.Elements / Draws, Categories);
        yield return new KernelWork($"R={pulled} K={Categories} M={Draws}", inputs => GumbelRao.Backward(
            inputs.List,
            inputs.State,
            inputs.Filled(pulled, Categories),
            inputs.HardCodes(pulled, 1, Categories),
            inputs.Filled(pulled, Categories),
            inputs.Empty(pulled, Categories),
            inputs.Empty(pulled, Categories),
            Draws,
            KernelWorks.Seed));
        int binary = KernelWorks.Rows(size.Elements, 4 * BinaryVariables);
        yield return new KernelWork($"B={binary} N={BinaryVariables} K=2", inputs =>
        {
            Matrix logits = inputs.Filled(binary, 2 * BinaryVariables);
            Codes codes = inputs.HardCodes(2 * binary, BinaryVariables, 2);
            Disarm.Sample(inputs.List, inputs.State, logits, codes, KernelWorks.Seed);
            Disarm.Backward(inputs.List, codes, inputs.Filled(2 * binary, 1), logits, inputs.Empty(binary, 2 * BinaryVariables), 1f / binary);
        });
    }

    private static void Signals(WorkInputs inputs, int batch)
    {
        LaunchList list = inputs.List;
        Matrix f = inputs.Filled(batch * Samples, 1), signals = inputs.Empty(batch * Samples, 1), weights = inputs.Filled(batch * Samples, 1),
            bound = inputs.Filled(batch, 1);
        Baseline.LeaveOneOut(list, f, signals, Samples);
        Baseline.Subtract(list, f, bound, signals);
        Baseline.MovingAverage(list, f, inputs.Empty(1, 2), signals, Decay);
        Baseline.NetworkGrad(list, f, inputs.Empty(batch, 1));
        Baseline.NormaliseVariance(list, f, signals, inputs.Empty(1, 2), Decay);
        ImportanceBound.Signals(list, bound, weights, signals, 1f / batch);
        ImportanceBound.Record(list, f, bound, weights, 1f / batch);
        Vimco.Record(list, f, bound, signals, weights, VimcoMean.Geometric, 1f / batch);
    }

    private static void Drawn(WorkInputs inputs, int batch)
    {
        LaunchList list = inputs.List;
        Codes codes = inputs.HardCodes(batch * Samples, Variables, Categories);
        Matrix f = inputs.Filled(batch * Samples, 1), relaxed = inputs.Filled(batch * Samples, Width);
        Matrix logPosterior = inputs.Filled(batch, Width), logPrior = inputs.Filled(1, Width), logitsGrad = inputs.Empty(batch, Width);
        Matrix sampleLogits = inputs.Empty(batch * Samples, Width), codesGrad = inputs.Filled(batch * Samples, Width);
        ImportanceWeight.Record(list, codes, f, logPosterior, logPrior, inputs.Empty(batch * Samples, 1));
        ImportanceWeight.Record(list, Codes.Relaxed(relaxed, Variables), f, logPosterior, logPrior, inputs.Empty(batch * Samples, 1));
        ImportanceBound.AddCodesGrad(list, f, logPosterior, logPrior, codesGrad);
        ScoreFunction.Backward(list, codes, f, logPosterior, logitsGrad, 1f / (batch * Samples));
        SampleRows.Spread(list, logPosterior, sampleLogits, codesGrad);
        SampleRows.Gather(list, codesGrad, logitsGrad);
    }
}
