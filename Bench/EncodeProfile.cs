using System.Diagnostics;
using System.Globalization;
using IlgpuVae.Runtime;
using IlgpuVae.Training;
using IlgpuVae.Training.CommandLine;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Output;
using IlgpuVae.Training.Runs;

namespace IlgpuVae.Bench;

/// <summary>
/// What the command <c>encode</c> does with rows that are in memory, from grey levels to the text of a CSV, beside the bare forward pass of its encoder on the
/// same rows as numbers: by turns (one, the other twice, the first) in one run.
/// </summary>
internal sealed class EncodeProfile(ComputeDevice device, bool quick)
{
    private const string Data = "glyphs:size=28,train=16384,valid=256,test=256";
    private const string Clock = "stopwatch";

    private static readonly TrainingOptions[] Works =
    [
        new() { Data = Data, Categories = 64, Encoder = [256], Decoder = [256], Estimator = "exact", Steps = 1 },
        new() { Data = Data, Latents = 20, Categories = 10, Encoder = [512, 256], Decoder = [256, 512], Estimator = "gumbel-softmax", Steps = 1 },
    ];

    private readonly int turns = quick ? 3 : 10;

    internal (Peaks Peaks, IReadOnlyList<BenchRow> Rows) Run(Progress progress)
    {
        Peaks peaks = Peaks.Measure(device, new Timing(device, quick));
        progress.Start(Works.Length);
        List<BenchRow> rows = [];
        foreach (TrainingOptions work in Works)
        {
            string folder = Directory.CreateTempSubdirectory("ilgpu-vae-bench-").FullName;
            try
            {
                progress.Next("encode");
                rows.AddRange(Measured(work, folder, progress));
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        return (peaks, rows);
    }

    private BenchRow[] Measured(TrainingOptions work, string folder, Progress progress)
    {
        RunPlan plan = RunPlan.Make(work, device);
        using (Trainer trainer = new(device, plan))
        {
            trainer.Begin(RunFolder.Create(Path.Combine(folder, "run")));
            _ = trainer.Run();
        }

        // The device is the bench's own and stays open: of the model only its memory is given back.
        TrainedModel model = TrainedModel.Load(Path.Combine(folder, "run"), RunCheckpoint.Last, () => device);
        using IDisposable memory = model.Vae;
        DataSet data = plan.Splits.Train;
        float[] numbers = data.Numbers();
        void Bare() => _ = model.Inference.Posterior(numbers);
        void Codes() => CsvOutput.Write(Stream.Null, MadeAhead.Of(Batches(model, data, withPosterior: false)));
        void Text() => CsvOutput.Write(Stream.Null, MadeAhead.Of(Batches(model, data, withPosterior: true)));
        void Json() => JsonOutput.Write(Stream.Null, MadeAhead.Of(Batches(model, data, withPosterior: true)));

        // .npy goes back to its header. In memory that is there already, so that no turn pays for getting it.
        using MemoryStream file = new();
        void Binary()
        {
            file.Position = 0;
            NpyOutput.Write(file, MadeAhead.Of(Batches(model, data, withPosterior: true, withWords: false)), null);
        }

        List<double> bare = [], codes = [], text = [], json = [], binary = [];
        for (int turn = -1; turn < turns; turn++)
        {
            foreach (
                (List<double> of, Action run) in new[]
                {
                    (bare, (Action)Bare), (codes, Codes), (text, Text), (json, Json), (binary, Binary), (codes, Codes), (bare, Bare),
                })
            {
                Stopwatch watch = Stopwatch.StartNew();
                run();

                // The turn before the first warms up.
                if (turn >= 0)
                    of.Add(watch.Elapsed.TotalMilliseconds);
            }
        }

        string shape = $"R={data.Count} D={data.Width} {string.Join('-', work.Encoder)} N={work.Latents} K={work.Categories}";
        BenchRow[] rows =
        [
            Row("encoder alone", bare), Row("encode to csv", codes), Row("encode to csv, posterior", text), Row("encode to json, posterior", json),
            Row("encode to npy, posterior", binary),
        ];
        foreach (BenchRow row in rows)
        {
            progress.Show(row);
            progress.Say(string.Create(
                CultureInfo.InvariantCulture,
                $"    {data.Count / row.Ms.P50:F0} rows a ms, {100 * rows[0].Ms.P50 / row.Ms.P50:F1} % of the encoder alone (at the 20th percentiles "
                    + $"{100 * rows[0].Ms.P20 / row.Ms.P20:F1} %)"));
        }

        return rows;

        BenchRow Row(string name, List<double> ms) =>
            BenchRow.Of(name, shape, new KernelCost((long)data.Count * data.Width, 0), Percentiles.Of(ms)) with { Clock = Clock };
    }

    private static IEnumerable<IReadOnlyList<OutputColumn>> Batches(TrainedModel model, DataSet data, bool withPosterior, bool withWords = true) =>
        EncodeCommand.Batches(model, new MemoryRows(data), withPosterior, withElbo: false, withLogLikelihood: false, importance: 0, withWords);

    /// <summary>Rows that are in memory already.</summary>
    private sealed class MemoryRows(DataSet data) : NewData
    {
        private int read;

        public override RowBatch? Next(int most)
        {
            if (read == data.Count)
                return null;
            int[] rows = [.. Enumerable.Range(read, Math.Min(most, data.Count - read))];
            read += rows.Length;
            return new RowBatch(read - rows.Length, rows.Length, data.Take(rows, data.Name), null, []);
        }
    }
}
