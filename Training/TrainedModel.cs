using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Runs;

namespace IlgpuVae.Training;

/// <summary>
/// A trained run opened for use: codes of rows, what codes mean, samples, predictions, likelihoods. It needs the run's folder and nothing else. Numbers go in
/// and come out in the data's own units and in the order of <see cref="Columns"/>, grey levels from 0 to 1. It may be shared between threads: requests that
/// wait for each other are done together.
/// </summary>
public sealed partial class TrainedModel : IDisposable
{
    /// <summary>Rows that the device does at once.</summary>
    internal const int BatchRows = 256;

    private readonly object deviceTurn = new();
    private readonly RequestQueue<float, float> encoding;
    private readonly RequestQueue<int, float> decoding;
    private readonly Inference inference;
    private readonly ColumnUnits modelled, told;

    private TrainedModel(RunFolder folder, RunConfig config, DataContract data, ComputeDevice device, RunCheckpoint checkpoint)
    {
        (Folder, Config, Data, Device) = (folder, config, data, device);
        (modelled, told) = (new ColumnUnits(data.Modelled), new ColumnUnits(data.Told));
        Vae = new DiscreteVae(device, DesignFactory.Make(config.Options, data), config.Options.Seed, config.Options.MemoryLimit << 20);
        try
        {
            Step = TrainingCheckpoint.Read(folder.Checkpoint(checkpoint), Vae, forTraining: false).Step;
            inference = new Inference(Vae, BatchRows);
        }
        catch
        {
            Vae.Dispose();
            throw;
        }

        encoding = new RequestQueue<float, float>(deviceTurn, (rows, contexts) => inference.Posterior(rows, contexts));
        decoding = new RequestQueue<int, float>(deviceTurn, (codes, contexts) => inference.Outputs(codes, contexts));
    }

    /// <summary>What the run's data were and how they are read.</summary>
    public DataContract Data { get; }

    /// <summary>N, variables of a code.</summary>
    public int Latents => Vae.Design.Latents;

    /// <summary>K, categories of a variable.</summary>
    public int Categories => Vae.Design.Categories;

    /// <summary>What the D numbers of a row are called.</summary>
    public IReadOnlyList<string> Columns => Data.ModelledNames;

    /// <summary>What the C numbers of a context are called; none where the model is told nothing.</summary>
    public IReadOnlyList<string> Told => Data.ContextWidth > 0 ? Data.ToldNames : [];

    /// <summary>Steps of training that its parameters have behind them.</summary>
    internal int Step { get; }

    internal RunFolder Folder { get; }

    internal RunConfig Config { get; }

    internal ComputeDevice Device { get; }

    internal DiscreteVae Vae { get; }

    /// <summary>The parts that make pictures of codes; for one thread at a time.</summary>
    internal Inference Inference => inference;

    /// <summary>Opens a run.</summary>
    /// <param name="runFolder">The folder that training left.</param>
    /// <param name="device">auto, cuda[:i], opencl[:i] or cpu.</param>
    /// <param name="checkpoint">The last parameters, or those that did best on held-out examples.</param>
    /// <exception cref="InputException">The folder is no run's, it is damaged, or there is no such device.</exception>
    public static TrainedModel Load(string runFolder, string device = "auto", RunCheckpoint checkpoint = RunCheckpoint.Last) =>
        Load(runFolder, checkpoint, () => ComputeDevice.Open(device));

    internal static TrainedModel Load(string runFolder, RunCheckpoint checkpoint, Func<ComputeDevice> open)
    {
        RunFolder folder = RunFolder.Open(runFolder);
        RunConfig config = folder.ReadConfig<RunConfig>();
        ComputeDevice device = open();
        try
        {
            return new TrainedModel(folder, config, folder.ReadContract(config, device), device, checkpoint);
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    /// <summary>The most probable category of each variable of q(z | x), or q(z | x, c), [n, N].</summary>
    /// <param name="rows">X [n, D].</param>
    /// <param name="contexts">C [n, C] where the model is told something.</param>
    /// <exception cref="ArgumentException">The numbers are no whole rows.</exception>
    public int[] Encode(ReadOnlySpan<float> rows, ReadOnlySpan<float> contexts = default) => inference.MostProbable(Posterior(rows, contexts));

    /// <summary>Posterior probabilities q(z | x), or q(z | x, c), [n, N K].</summary>
    /// <inheritdoc cref="Encode(ReadOnlySpan{float}, ReadOnlySpan{float})"/>
    public float[] Posterior(ReadOnlySpan<float> rows, ReadOnlySpan<float> contexts = default) =>
        encoding.Do(Whole(rows, Data.Width, modelled, nameof(rows)), Vae.Design.DataWidth, Context(contexts), Data.ContextWidth, Vae.CodeWidth);

    /// <summary>The mean of p(x | z), or p(x | c, z), [n, D], for codes.</summary>
    /// <param name="codes">Category numbers [n, N], from 0.</param>
    /// <param name="contexts">C [n, C] where the model is told something.</param>
    /// <exception cref="ArgumentException">A number is none of the K categories, or the numbers are no whole codes.</exception>
    public float[] Decode(ReadOnlySpan<int> codes, ReadOnlySpan<float> contexts = default) =>
        Outward(Decoded(codes, contexts, Vae.Design.Likelihood.Mean));

    /// <summary>Draws from p(x | z), or p(x | c, z), [n, D], for codes [n, N].</summary>
    /// <inheritdoc cref="Decode"/>
    /// <param name="seed">The same seed draws the same.</param>
    /// <param name="codes">Category numbers [n, N], from 0.</param>
    /// <param name="contexts">C [n, C] where the model is told something.</param>
    public float[] Draw(ReadOnlySpan<int> codes, ulong seed, ReadOnlySpan<float> contexts = default)
    {
        Random random = new(seed.GetHashCode());
        return Outward(Decoded(codes, contexts, (outputs, width) => Vae.Design.Likelihood.Draw(outputs, width, random)));
    }

    /// <summary>The standard deviation of p(x | z), or p(x | c, z), [n, D], for codes [n, N].</summary>
    /// <inheritdoc cref="Decode"/>
    public float[] Deviation(ReadOnlySpan<int> codes, ReadOnlySpan<float> contexts = default) =>
        modelled.DeviationsOutward(Decoded(codes, contexts, Vae.Design.Likelihood.Deviation));

    /// <summary>Codes drawn from the prior p(z), or <paramref name="count"/> for each context from p(z | c), [n count, N].</summary>
    /// <param name="count">How many, for each context where the model is told something.</param>
    /// <param name="seed">The same seed draws the same.</param>
    /// <param name="contexts">C [n, C] where the model is told something.</param>
    public int[] Sample(int count, ulong seed, ReadOnlySpan<float> contexts = default)
    {
        float[] logPrior = LogPrior(contexts);
        lock (deviceTurn)
            return inference.Sample(logPrior, count, seed);
    }

    /// <summary>log p(z), or log p(z | c) for each context, [n, N K], nats; one row where the model is told nothing.</summary>
    /// <param name="contexts">C [n, C] where the model is told something.</param>
    public float[] LogPrior(ReadOnlySpan<float> contexts = default)
    {
        float[]? given = Context(contexts);
        lock (deviceTurn)
            return inference.LogPrior(given is null ? 1 : given.Length / Data.ContextWidth, given);
    }

    /// <summary>The most probable codes of each context in the order of p(z | c), with what they mean.</summary>
    /// <param name="contexts">C [n, C]; nothing where the model is told nothing, for the codes of p(z).</param>
    /// <param name="most">Codes a context.</param>
    /// <exception cref="ArgumentException">The numbers are no whole contexts.</exception>
    public IReadOnlyList<IReadOnlyList<Prediction>> Predict(ReadOnlySpan<float> contexts, int most)
    {
        float[] logPrior = LogPrior(contexts);
        int width = Vae.CodeWidth, count = logPrior.Length / width;
        MostProbableCodes[] best =
        [
            .. Enumerable.Range(0, count).Select(i => MostProbableCodes.Of(logPrior.AsSpan(i * width, width), Latents, Categories, most)),
        ];
        int[] codes = [.. best.SelectMany(one => one.Codes.SelectMany(code => code))];

        // All contexts have as many codes, for there are no more of them.
        float[]? repeated = contexts.IsEmpty ? null : RepeatedRows.Of(contexts, Data.ContextWidth, best[0].Codes.Count);
        float[] mean = Decode(codes, repeated), deviation = Deviation(codes, repeated);
        int at = 0;
        return
        [
            .. best.Select(one => one.Codes.Select((code, i) => new Prediction(code, one.Probabilities[i], Slice(mean, at), Slice(deviation, at++))).ToArray()),
        ];
    }

    /// <summary>log p(x), or log p(x | c), of each row [n], nats in the data's own units: exact where the codes can be summed, else a bound.</summary>
    /// <param name="rows">X [n, D].</param>
    /// <param name="contexts">C [n, C] where the model is told something.</param>
    public double[] LogLikelihood(ReadOnlySpan<float> rows, ReadOnlySpan<float> contexts = default)
    {
        float[]? given = Context(contexts);
        float[] values = Whole(rows, Data.Width, modelled, nameof(rows));
        DataSet set = new() { Name = "rows", Count = values.Length / Data.Width, Width = Data.Width, Values = values };
        return Scores(
            given is null ? set : set with { Context = new DataSet { Name = "contexts", Count = set.Count, Width = Data.ContextWidth, Values = given } })
            .LogLikelihood;
    }

    /// <summary>A row [D] from values by the names of <see cref="Columns"/>.</summary>
    /// <exception cref="ArgumentException">A value is missing.</exception>
    public float[] Row(IReadOnlyDictionary<string, float> values) => Named(values, Columns);

    /// <summary>A context [C] from values by the names of <see cref="Told"/>; of classes the one that is named is 1, and none need be given but it.</summary>
    /// <exception cref="ArgumentException">A value is missing.</exception>
    public float[] Context(IReadOnlyDictionary<string, float> values) =>
        Data.Told.Any() || Data.Classes is null ? Named(values, Told) : [.. Told.Select(name => values.GetValueOrDefault(name))];

    /// <summary>Frees the device and its memory.</summary>
    public void Dispose()
    {
        Vae.Dispose();
        Device.Dispose();
    }

    private static float[] Named(IReadOnlyDictionary<string, float> values, IReadOnlyList<string> names) =>
        [
            .. names.Select(
                name => values.TryGetValue(name, out float value) ? value : throw new ArgumentException($"there is no value of '{name}'.", nameof(values))),
        ];

    private float[] Slice(float[] values, int row) => values[(row * Data.Width)..((row + 1) * Data.Width)];

    private float[]? Context(ReadOnlySpan<float> contexts)
    {
        if (Data.ContextWidth == 0)
            return contexts.IsEmpty ? null : throw new ArgumentException("this model is told nothing, so it takes no contexts.", nameof(contexts));
        return Whole(contexts, Data.ContextWidth, told, nameof(contexts));
    }

    private static float[] Whole(ReadOnlySpan<float> values, int width, ColumnUnits units, string what) => values.Length % width == 0
        ? units.Inward(values)
        : throw new ArgumentException($"{values.Length} numbers are no whole rows of {width}.", what);
}
