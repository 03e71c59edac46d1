using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;

namespace IlgpuVae.Bench.Works;

/// <summary>Likelihoods of pictures: rows against their examples, codes in natural form, statistics, base measures.</summary>
internal static class LikelihoodWorks
{
    private const int Pixels = 784;
    private const int Levels = 8;

    internal static IEnumerable<KernelWork> All(ProfileSize size)
    {
        if (size.Huge > 0)
        {
            int many = size.Huge / Pixels / 8 * 8;
            yield return new KernelWork($"R={many} D={Pixels}", inputs => Rows(inputs, new Bernoulli(), many));
        }

        int rows = KernelWorks.Rows(size.Elements, Pixels);
        yield return new KernelWork($"R={rows} D={Pixels}", inputs => All(inputs, new Bernoulli(), rows));
        yield return new KernelWork($"R={rows / 2} D={Pixels}", inputs => All(inputs, new Gaussian(null, new float[Pixels]), rows / 2));
        yield return new KernelWork($"R={rows} D={Pixels}", inputs => All(inputs, new Poisson(), rows));
        yield return new KernelWork($"R={rows} D={Pixels}", inputs => All(inputs, new NegativeBinomial(), rows));
        yield return new KernelWork($"B={rows} S={Pixels}", inputs => BaseMeasure.Add(inputs.List, inputs.Filled(rows, 1), inputs.Filled(rows, Pixels)));
        yield return new KernelWork(
            $"R={Math.Max(2, rows / Levels)} D={Pixels} V={Levels}", inputs => All(inputs, new Categorical(Levels, Levels - 1), Math.Max(2, rows / Levels)));
    }

    private static void All(WorkInputs inputs, Likelihood likelihood, int rows)
    {
        Rows(inputs, likelihood, rows);
        int outputs = likelihood.OutputWidth(Pixels);
        Matrix? centre = likelihood.Centre is null ? null : inputs.Filled(1, Pixels);
        Matrix natural = inputs.Filled(rows, likelihood.NaturalWidth(Pixels)), values = inputs.Filled(rows, outputs), weights = inputs.Filled(1, rows);
        likelihood.Natural(inputs.List, values, centre, natural, inputs.Empty(1, rows), Pixels);
        likelihood.NaturalBackward(inputs.List, values, centre, natural, weights, inputs.Empty(rows, outputs), Pixels);
        if (!likelihood.StatisticIsData)
            likelihood.Statistic(inputs.List, inputs.Filled(rows, Pixels), natural);
        if (likelihood.HasNaturalStatistic)
            likelihood.NaturalStatistic(inputs.List, inputs.Filled(rows, Pixels), centre, natural);
        if (likelihood.HasBaseMeasure)
            likelihood.LogBase(inputs.List, inputs.Filled(rows, Pixels), inputs.Empty(rows, 1));
    }

    private static void Rows(WorkInputs inputs, Likelihood likelihood, int rows)
    {
        (int outputs, int statistic) = (likelihood.OutputWidth(Pixels), likelihood.StatisticWidth(Pixels));
        likelihood.Rows(
            inputs.List,
            new LikelihoodRows
            {
                Outputs = inputs.Filled(rows, outputs),
                Statistic = inputs.Filled(rows, statistic),
                LogLikelihood = inputs.Empty(rows, 1),
                OutputsGrad = inputs.Empty(rows, outputs),
                Weight = -1f / rows,
            },
            Pixels);
    }
}
