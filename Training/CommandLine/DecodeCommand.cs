using System.CommandLine;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Output;

namespace IlgpuVae.Training.CommandLine;

/// <summary><c>decode</c>: what codes mean, in the data's own units.</summary>
internal static class DecodeCommand
{
    private const int BatchRows = 4096;

    internal static Command Create()
    {
        UseOptions use = new("for a conditional run: a file with what the model is told, a row for each code");
        use.Out.Required = true;
        use.Out.Description = DecodedOutput.Description;
        Option<string> codes = new("--codes") { Description = "a file of codes, of any kind that encode writes", Required = true };
        Option<bool> draw = new("--draw") { Description = "draw from p(x | z) instead of giving its mean" };
        Option<ulong> seed = new("--seed") { Description = "key of the draws", DefaultValueFactory = _ => 1 };
        Command command = use.Make("decode", "Write what codes mean: values in the data's own units and columns, or pictures.", codes, use.Out, draw, seed);
        command.SetAction(call =>
        {
            string path = use.DecodedOutput(call);
            using UsedRun run = use.Open(call);
            if (run.HasNewData != run.Model.Data.ContextWidth > 0)
                throw new InputException(run.HasNewData
                    ? "The run's model is told nothing, so decode has no use for --data. Drop it."
                    : "The run's model is told something about each row. Give a file with it, a row for each code, with --data.");
            using CodesFile file = new(call.GetValue(codes)!, run.Model);
            using NewData? contexts = run.HasNewData ? run.OpenNew(contextsAlone: true) : null;
            ulong? key = call.GetValue(draw) ? call.GetValue(seed) : null;
            DecodedOutput.Write(path, call.InvocationConfiguration.Output, run.Model, Batches(run.Model, file, contexts, key));
            if (contexts is not null)
                run.Tell(contexts);
            return ExitCode.Success;
        });
        return command;
    }

    private static IEnumerable<DecodedRows> Batches(TrainedModel model, CodesFile file, NewData? contexts, ulong? seed)
    {
        for (long first = 0; ; first += BatchRows)
        {
            int[] codes = file.Next(BatchRows);
            int count = codes.Length / model.Latents;
            RowBatch? told = contexts?.Next(BatchRows);
            if (contexts is not null && (told?.Count ?? 0) != count)
                throw new InputException("The codes and the contexts of --data are not equally many. Give a row of one for each row of the other.");
            if (count == 0 && first > 0)
                yield break;
            if (count == 0)
                throw new InputException("The file of --codes holds no rows. Give one that holds some.");
            float[]? seen = told is null ? null : told.Contexts!.Numbers();
            float[] own = seen is null ? [] : model.ToldOutward(seen);
            float[] values = seed is { } key ? model.Draw(codes, TrainedModel.Key(key, first), own) : model.Decode(codes, own);
            yield return new DecodedRows([.. OutputColumn.Of(model.Columns, values)], values, seen);
        }
    }
}
