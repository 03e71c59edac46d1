using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Training.Evaluation;

/// <summary>What one batch gave, nats, and what the usage of codes is counted from.</summary>
/// <param name="Reconstruction">E_q[log p(x | z)] of each example [B], summed over the codes where that is possible, else at one hard sample.</param>
/// <param name="LogLikelihood">log p(x) of each example [B], log p(x | c) in a conditional model, or its bound; empty where it was not asked for.</param>
/// <param name="KlRows">KL of each variable of each example, [B N].</param>
/// <param name="LogPosterior">log q [B, N K].</param>
/// <param name="LogPrior">log p [P, N K], P = B where the prior is conditional and 1 otherwise.</param>
internal sealed record BatchMeasurement(float[] Reconstruction, double[] LogLikelihood, float[] KlRows, float[] LogPosterior, float[] LogPrior)
{
    /// <summary>The KL of each example [B], summed over its variables.</summary>
    internal double[] KlByExample()
    {
        double[] sums = new double[Reconstruction.Length];
        for (int i = 0; i < KlRows.Length; i++)
            sums[i / (KlRows.Length / sums.Length)] += KlRows[i];
        return sums;
    }
}

/// <summary>Measures batches of one size.</summary>
internal sealed class BatchEvaluator
{
    // Importance samples are decoded in chunks of about this many rows, so that memory does not grow with their number.
    private const int ChunkRows = 2048;

    private readonly DiscreteVae vae;
    private readonly ulong seed;
    private readonly BatchEncoder batch;
    private readonly ArrayView<StepState> position, noise;
    private readonly LaunchList encodeAndSample;
    private readonly LaunchList? weigh;
    private readonly Matrix logPosterior, logPrior, kl, reconstruction;
    private readonly Matrix? exactLogLikelihood, logWeights;
    private readonly int chunks, importanceSamples;

    /// <summary>Reserves memory and records the launches.</summary>
    public BatchEvaluator(DiscreteVae vae, DeviceData data, int rows, ulong seed, ExactMarginal? exact, int importanceSamples)
    {
        this.vae = vae;
        this.seed = seed;
        Rows = rows;
        this.importanceSamples = importanceSamples;
        (int n, int k) = (vae.Design.Latents, vae.Design.Categories);
        Arena arena = vae.Arena;
        position = arena.Allocate<StepState>(1, MemoryUse.Activations);
        noise = arena.Allocate<StepState>(1, MemoryUse.Activations);
        batch = new BatchEncoder(vae, data, position, rows, training: false);
        logPosterior = arena.Matrix(rows, vae.CodeWidth, MemoryUse.Activations);
        logPrior = arena.Matrix(DiscreteVae.PriorRows(batch.Context), vae.CodeWidth, MemoryUse.Activations);
        kl = arena.Matrix(rows * n, 1, MemoryUse.Activations);
        encodeAndSample = new LaunchList(vae.Device);
        batch.Forward(encodeAndSample, BatchOrder.Sequential, DeviceBinarisation.None, seed);
        Softmax.LogForward(encodeAndSample, batch.Logits.Reshape(rows * n, k), logPosterior.Reshape(rows * n, k));
        vae.RecordLogPrior(encodeAndSample, logPrior, batch.Context);
        CategoricalPass.Record(
            encodeAndSample,
            new CategoricalTerms { Logits = batch.Logits.Reshape(rows * n, k), Prior = vae.PriorOperand(batch.Context), Kl = kl },
            position,
            1f);
        if (exact is null)
        {
            RowDecoder single = new(vae, rows, training: false, batch.Context);
            RecordSamples(encodeAndSample, single, 1);
            reconstruction = single.LogLikelihood;
        }
        else
        {
            reconstruction = arena.Matrix(rows, 1, MemoryUse.Activations);
            Matrix marginal = arena.Matrix(rows, 1, MemoryUse.Activations);
            exact.Record(encodeAndSample, batch, logPosterior, logPrior, marginal, reconstruction);
            exactLogLikelihood = marginal;
        }

        if (importanceSamples > 0)
        {
            int perChunk = Math.Clamp(ChunkRows / rows, 1, importanceSamples);
            while (importanceSamples % perChunk != 0)
                perChunk--;
            chunks = importanceSamples / perChunk;
            RowDecoder many = new(vae, rows * perChunk, training: false, batch.Context);
            Matrix weights = arena.Matrix(rows * perChunk, 1, MemoryUse.Codes);
            weigh = new LaunchList(vae.Device);
            Codes codes = RecordSamples(weigh, many, perChunk);
            ImportanceWeight.Record(weigh, codes, many.LogLikelihood, logPosterior, logPrior, weights);
            logWeights = weights;
        }
    }

    /// <summary>Examples a batch.</summary>
    public int Rows { get; }

    /// <summary>Measures the examples from <paramref name="start"/> on.</summary>
    public BatchMeasurement Run(int start) => Run(start, start);

    /// <summary>Measures the examples that stand at <paramref name="place"/> in the data and have the noise of example <paramref name="start"/> on.</summary>
    public BatchMeasurement Run(int start, int place)
    {
        vae.Device.Upload<StepState>(position, [StepState.Start with { Step = place }]);
        WriteNoise(start, 0);
        batch.Fetch(place);
        encodeAndSample.Replay();
        double[] logLikelihood = [];
        if (exactLogLikelihood is { } marginal)
            logLikelihood = Array.ConvertAll(vae.Device.Download(marginal.View), value => (double)value);
        else if (weigh is not null && logWeights is { } weights)
            logLikelihood = ImportanceBound(start, weights);
        return new BatchMeasurement(
            vae.Device.Download(reconstruction.View),
            logLikelihood,
            vae.Device.Download(kl.View),
            vae.Device.Download(logPosterior.View),
            vae.Device.Download(logPrior.View));
    }

    private Codes RecordSamples(LaunchList list, RowDecoder decoded, int perExample)
    {
        (int n, int k) = (vae.Design.Latents, vae.Design.Categories);
        Codes codes = vae.HardCodes(Rows * perExample);
        CategoricalSample.Record(list, noise, batch.Logits.Reshape(Rows * n, k), codes, seed, Randomness.Evaluation, perExample);
        decoded.Forward(list, codes, batch.Statistic);
        return codes;
    }

    // log (1 / M) sum of w over all chunks, of each example.
    private double[] ImportanceBound(int start, Matrix weights)
    {
        int perChunk = weights.Rows / Rows;
        LogMeanWeight[] means = new LogMeanWeight[Rows];
        Array.Fill(means, new LogMeanWeight());
        for (int chunk = 0; chunk < chunks; chunk++)
        {
            WriteNoise(start, chunk + 1);
            weigh!.Replay();
            float[] logWeight = vae.Device.Download(weights.View);
            for (int r = 0; r < logWeight.Length; r++)
                means[r / perChunk].Add(logWeight[r]);
        }

        return Array.ConvertAll(means, mean => mean.Value);
    }

    // A noise counter of its own for every batch and chunk, whatever the batch's size; there are no more chunks than samples.
    private void WriteNoise(int start, int chunk) =>
        vae.Device.Upload<StepState>(noise, [new StepState { Step = (start * (importanceSamples + 1)) + chunk }]);
}
