using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Training.Evaluation;

/// <summary>
/// Measures a model on a split: the ELBO with hard samples, the exact log-likelihood where the joint codes are few enough and an importance-weighted bound
/// otherwise, and how the codes are used. Its noise is keyed apart from training's, and the same from call to call.
/// </summary>
public sealed class Evaluator
{
    // An exact log-likelihood decodes every joint code and keeps a table against a batch.
    private const int MostExactCodes = 1 << 14;

    // Where each example has rows of its own, as many as an importance-weighted bound would decode, or this many.
    private const int MostExactCodesByExample = 256;
    private const int LargestBatch = 256;

    private readonly DiscreteVae vae;
    private readonly DataSet data;
    private readonly List<BatchEvaluator> batches = [];
    private readonly ExactMarginal? exact;
    private readonly LaunchList prepare;

    /// <summary>Reserves memory in the model's arena and records the batches.</summary>
    /// <param name="vae">The model.</param>
    /// <param name="data">The split.</param>
    /// <param name="seed">Key of its noise.</param>
    /// <param name="importanceSamples">Samples of the importance-weighted bound where the log-likelihood is not exact; 0 leaves the bound out.</param>
    /// <param name="stream">Whether the split streams from the host.</param>
    public Evaluator(DiscreteVae vae, DataSet data, ulong seed, int importanceSamples = 0, Streaming stream = Streaming.Auto)
    {
        if (data.Count == 0)
            throw new InputException($"{data.Name} has no examples to evaluate.");
        this.vae = vae;
        this.data = data;
        int whole = Math.Min(LargestBatch, data.Count);
        DataPlacement placement = DataPlacement.Choose(stream, data, vae.Arena.UsedBytesFor(MemoryUse.Data), vae.Arena.LimitBytes);
        DeviceData deviceData = DeviceData.Place(vae.Device, vae.Arena, data, placement, BatchOrder.Sequential, seed, whole);
        prepare = new LaunchList(vae.Device);
        if (IsExact(vae, importanceSamples))
            exact = new ExactMarginal(vae, prepare);
        int samples = exact is null ? importanceSamples : 0;
        batches.Add(new BatchEvaluator(vae, deviceData, whole, seed, exact, samples));
        if (data.Count % whole != 0)
            batches.Add(new BatchEvaluator(vae, deviceData, data.Count % whole, seed, exact, samples));
        Samples = samples;
    }

    /// <summary>Importance samples an example, 0 where the log-likelihood is exact or left out.</summary>
    public int Samples { get; }

    /// <summary>
    /// log |dx'/dx| of the data's scaling, nats an example: the model measures densities of scaled numbers, and reports are in the data's own units.
    /// </summary>
    public double LogVolume { get; init; }

    /// <summary>Mean posterior probability of each category, [N, K], at the last evaluation.</summary>
    public IReadOnlyList<double> MeanPosterior { get; private set; } = [];

    /// <summary>Whether the joint codes are few enough to sum over, where otherwise so many importance samples would be decoded.</summary>
    internal static bool IsExact(DiscreteVae vae, int importanceSamples)
    {
        int most = vae.Design.ContextWidth == 0 ? MostExactCodes : Math.Clamp(importanceSamples, MostExactCodesByExample, MostExactCodes);
        return vae.JointCodeCount is { } codes && codes <= most;
    }

    /// <summary>Evaluates the split with the model's present parameters.</summary>
    /// <param name="truth">The distribution that generated the data, where it is known.</param>
    /// <param name="progress">Told the share that is done, from 0 to 1.</param>
    public EvaluationReport Run(GlyphsTruth? truth = null, Action<double>? progress = null)
    {
        prepare.Replay();
        CodeUsage usage = new(vae.Design.Latents, vae.Design.Categories);
        double reconstruction = 0, kl = 0, logLikelihood = 0;
        List<double> elbos = [];
        int whole = batches[0].Rows;
        for (int start = 0; start < data.Count; start += whole)
        {
            BatchEvaluator batch = data.Count - start >= whole ? batches[0] : batches[1];
            BatchMeasurement measured = batch.Run(start);
            double[] klRows = measured.KlByExample();
            reconstruction += measured.Reconstruction.Sum(value => (double)value);
            kl += klRows.Sum();
            logLikelihood += measured.LogLikelihood.Sum();
            elbos.AddRange(measured.Reconstruction.Zip(klRows, (term, divergence) => term - divergence));
            usage.Add(measured);
            progress?.Invoke(Math.Min(1, (start + whole) / (double)data.Count));
        }

        (int codesUsed, double perplexity, int activeVariables, double information, double marginalKl) = usage.Summarise();
        MeanPosterior = usage.MeanPosterior;
        int n = data.Count;
        double elbo = elbos.Sum() / n;
        return new EvaluationReport
        {
            Split = data.Name,
            Examples = n,
            Elbo = elbo - LogVolume,
            ElboKind = exact is null ? "sampled" : "exact",
            ElboError = exact is not null || n < 2 ? null : Math.Sqrt(elbos.Sum(one => Math.Pow(one - elbo, 2)) / (n - 1) / n),
            Reconstruction = (reconstruction / n) - LogVolume,
            Kl = kl / n,
            LogLikelihood = exact is null && Samples == 0 ? null : (logLikelihood / n) - LogVolume,
            LogLikelihoodOf = vae.Design.ContextWidth == 0 ? "log p(x)" : "log p(x | c)",
            LogLikelihoodKind = exact is not null ? "exact" : Samples == 0 ? null : $"iwae-{Samples}",
            LogVolume = LogVolume,
            BestPossible = truth?.MeanLogLikelihood(data),
            CodesUsed = codesUsed,
            Codes = vae.CodeWidth,
            Perplexity = perplexity,
            ActiveVariables = activeVariables,
            MutualInformation = information,
            MarginalKl = marginalKl,
        };
    }
}
