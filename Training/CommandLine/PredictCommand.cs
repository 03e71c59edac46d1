using System.CommandLine;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Output;

namespace IlgpuVae.Training.CommandLine;

/// <summary><c>predict</c>: what a conditional run sees coming for each context, by its codes in the order of p(z | c), or by samples.</summary>
internal static class PredictCommand
{
    private const int BatchContexts = 256;
    private const int DefaultRows = 10;
    private const int MostRows = 100_000;
    private const string Means = "means";

    internal static Command Create()
    {
        UseOptions use = new("a file of contexts: the columns that the model is told are enough");
        use.Data.Required = true;
        use.Out.Required = true;
        use.Out.Description = DecodedOutput.Description;
        Option<int> samples = new("--samples")
        {
            Description = "rows for each context: its most probable codes, or with --draw that many draws",
            DefaultValueFactory = _ => DefaultRows,
        };
        Option<string?> draw = new("--draw")
        {
            Description = $"draw codes from p(z | c), and values from p(x | c, z); with {Means} behind it the mean of each code that is drawn",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<string> deviations = new("--deviations") { Description = "yes or no: beside each mean its standard deviation; yes when left out" };
        Option<ulong> seed = new("--seed") { Description = "key of the draws", DefaultValueFactory = _ => 1 };
        Option<string> keep = new("--keep") { Description = "columns of the input to carry along, such as id,name" };
        Command command = use.Make(
            "predict", "For every context of a file write the codes in the order of p(z | c), their probabilities and what they mean, or samples.", use.Out,
            samples, draw, deviations, seed, keep);
        command.SetAction(call =>
        {
            string path = use.DecodedOutput(call);
            int rows = UseOptions.Within("--samples", call.GetValue(samples), 1, MostRows);
            bool isDrawn = call.GetResult(draw) is not null;
            if (call.GetValue(draw) is { } word && word != Means)
                throw new InputException($"--draw {MessageText.Excerpt(word)} is not known. Use --draw alone for values, or --draw {Means}.");
            if (isDrawn && call.GetResult(deviations) is not null)
                throw new InputException("--deviations is for means of codes in their order, and --draw has none beside its rows. Drop one of them.");
            bool withDeviations = call.GetResult(deviations) is null || TrainingArguments.YesOrNo("--deviations", call.GetValue(deviations));
            using UsedRun run = use.Open(call);
            using NewData file = run.OpenNew(contextsAlone: true, UseOptions.Names(call.GetValue(keep)));
            DecodedOutput.Write(path, call.InvocationConfiguration.Output, run.Model, Batches());
            run.Tell(file);
            return ExitCode.Success;

            IEnumerable<DecodedRows> Batches()
            {
                while (file.Next(BatchContexts) is { } contexts)
                {
                    yield return isDrawn
                        ? Drawn(run.Model, file, contexts, rows, call.GetValue(seed), call.GetValue(draw) == Means)
                        : MostProbable(run.Model, file, contexts, rows, withDeviations);
                }
            }
        });
        return command;
    }

    private static DecodedRows MostProbable(TrainedModel model, NewData file, RowBatch contexts, int rows, bool withDeviations)
    {
        float[] seen = contexts.Contexts!.Numbers();
        IReadOnlyList<IReadOnlyList<Prediction>> predictions = model.Predict(model.ToldOutward(seen), rows);
        (int Context, int Rank, Prediction Is)[] all =
            [.. predictions.SelectMany((ways, context) => ways.Select((way, rank) => (context, rank + 1, way)))];
        float[] means = [.. all.SelectMany(row => row.Is.Mean)];
        List<OutputColumn> columns =
        [
            .. Named(file, contexts, [.. all.Select(row => row.Context)]),
            OutputColumn.Of("rank", all.Select(row => row.Rank).ToArray()),
            .. OutputColumn.Of(CodeColumns.Names(model.Latents), (int[])[.. all.SelectMany(row => row.Is.Code)]),
            OutputColumn.Of("probability", all.Select(row => row.Is.Probability).ToArray()),
            .. OutputColumn.Of(model.Columns, means),
        ];
        if (withDeviations)
            columns.AddRange(
                OutputColumn.Of([.. model.Columns.Select(name => $"{name}_deviation")], (float[])[.. all.SelectMany(row => row.Is.Deviation)]));
        return new DecodedRows(columns, means, RepeatedRows.Of(seen, model.Data.ContextWidth, predictions[0].Count));
    }

    private static DecodedRows Drawn(TrainedModel model, NewData file, RowBatch contexts, int rows, ulong seed, bool areMeans)
    {
        ContextDraws drawn = ContextDraws.Of(model, contexts.Contexts!, rows, TrainedModel.Key(seed, contexts.First), areMeans);
        return new DecodedRows(
            [
                .. Named(file, contexts, [.. Enumerable.Range(0, contexts.Count * rows).Select(row => row / rows)]),
                OutputColumn.Of("sample", Enumerable.Range(0, contexts.Count * rows).Select(row => (row % rows) + 1).ToArray()),
                .. OutputColumn.Of(CodeColumns.Names(model.Latents), drawn.Codes),
                OutputColumn.Of("probability", drawn.Probabilities),
                .. OutputColumn.Of(model.Columns, drawn.Values),
            ],
            drawn.Values,
            drawn.Contexts);
    }

    // The context's row in the file, from 1, and the columns that are carried along.
    private static IEnumerable<OutputColumn> Named(NewData file, RowBatch contexts, int[] of) =>
    [
        OutputColumn.Of("row", Array.ConvertAll(of, context => contexts.First + context + 1)),
        .. file.KeptNames.Select((name, i) => OutputColumn.Of(name, Array.ConvertAll(of, context => contexts.Kept[i][context]))),
    ];
}
