using System.CommandLine;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Output;

namespace IlgpuVae.Training.CommandLine;

/// <summary><c>predict</c>: what a conditional run sees coming for each context, by its codes in the order of p(z | c), or by samples.</summary>
internal static class PredictCommand
{
    private const int BatchContexts = 256;
    private const int DefaultRows = 10;
    private const int MostRows = 100_000;

    internal static Command Create()
    {
        UseOptions use = new("a file of contexts: the columns that the model is told are enough");
        use.Data.Required = true;
        use.Out.Required = true;
        Option<int> samples = new("--samples")
        {
            Description = "rows for each context: its most probable codes, or with --draw that many draws",
            DefaultValueFactory = _ => DefaultRows,
        };
        Option<bool> draw = new("--draw") { Description = "draw codes from p(z | c) and values from p(x | c, z)" };
        Option<ulong> seed = new("--seed") { Description = "key of the draws", DefaultValueFactory = _ => 1 };
        Option<string> keep = new("--keep") { Description = "columns of the input to carry along, such as id,name" };
        Command command = use.Make(
            "predict", "For every context of a file write the codes in the order of p(z | c), their probabilities and what they mean, or samples.", use.Out,
            samples, draw, seed, keep);
        command.SetAction(call =>
        {
            string path = use.Output(call);
            int rows = UseOptions.Within("--samples", call.GetValue(samples), 1, MostRows);
            using UsedRun run = use.Open(call);
            using NewData file = run.OpenNew(contextsAlone: true, UseOptions.Names(call.GetValue(keep)));
            OutputFile.Write(
                path, call.InvocationConfiguration.Output, Batches(run.Model, file, rows, call.GetValue(draw) ? call.GetValue(seed) : null));
            run.Tell(file);
            return ExitCode.Success;
        });
        return command;
    }

    private static IEnumerable<IReadOnlyList<OutputColumn>> Batches(TrainedModel model, NewData file, int rows, ulong? seed)
    {
        while (file.Next(BatchContexts) is { } contexts)
        {
            float[] told = model.ToldOutward(TrainedModel.Numbers(contexts.Contexts!));
            yield return seed is { } key ? Drawn(model, file, contexts, told, rows, key) : MostProbable(model, file, contexts, told, rows);
        }
    }

    private static IReadOnlyList<OutputColumn> MostProbable(TrainedModel model, NewData file, NewRows contexts, float[] told, int rows)
    {
        IReadOnlyList<IReadOnlyList<Prediction>> predictions = model.Predict(told, rows);
        (int Context, int Rank, Prediction Is)[] all =
            [.. predictions.SelectMany((ways, context) => ways.Select((way, rank) => (context, rank + 1, way)))];
        return
        [
            .. Named(file, contexts, [.. all.Select(row => row.Context)]),
            OutputColumn.Of("rank", all.Select(row => row.Rank).ToArray()),
            .. OutputColumn.Of(CodeColumns.Names(model.Latents), [.. all.SelectMany(row => row.Is.Code)]),
            OutputColumn.Of("probability", all.Select(row => row.Is.Probability).ToArray()),
            .. OutputColumn.Of(model.Columns, [.. all.SelectMany(row => row.Is.Mean)]),
            .. OutputColumn.Of([.. model.Columns.Select(name => $"{name}_deviation")], [.. all.SelectMany(row => row.Is.Deviation)]),
        ];
    }

    private static IReadOnlyList<OutputColumn> Drawn(TrainedModel model, NewData file, NewRows contexts, float[] told, int rows, ulong seed)
    {
        ulong key = TrainedModel.Key(seed, contexts.First);
        int width = model.Data.ContextWidth;
        int[] codes = model.Sample(rows, key, told);
        float[] repeated = [.. Enumerable.Range(0, contexts.Count * rows).SelectMany(row => told.AsSpan(row / rows * width, width).ToArray())];
        float[] values = model.Draw(codes, key, repeated);
        return
        [
            .. Named(file, contexts, [.. Enumerable.Range(0, contexts.Count * rows).Select(row => row / rows)]),
            OutputColumn.Of("sample", Enumerable.Range(0, contexts.Count * rows).Select(row => (row % rows) + 1).ToArray()),
            .. OutputColumn.Of(CodeColumns.Names(model.Latents), codes),
            .. OutputColumn.Of(model.Columns, values),
        ];
    }

    // The context's row in the file, from 1, and the columns that are carried along.
    private static IEnumerable<OutputColumn> Named(NewData file, NewRows contexts, int[] of) =>
    [
        OutputColumn.Of("row", Array.ConvertAll(of, context => contexts.First + context + 1)),
        .. file.KeptNames.Select((name, i) => OutputColumn.Of(name, Array.ConvertAll(of, context => contexts.Kept[i][context]))),
    ];
}
