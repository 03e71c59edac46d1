using System.CommandLine;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Output;
using IlgpuVae.Training.Runs;

namespace IlgpuVae.Training.CommandLine;

/// <summary><c>sample</c>: what codes drawn from the prior decode to, as pictures or as numbers; of a conditional run, for some contexts.</summary>
internal static class SampleCommand
{
    private const int DefaultSamples = 64;
    private const int MostContexts = 100;
    private const int MostSamples = 100_000_000;
    private const int BatchRows = 4096;

    internal static Command Create()
    {
        UseOptions use = new(
            "for a conditional run: a file whose rows give the contexts; when left out the run's held-out examples, and for numbers or a folder its classes");
        Option<int?> count = new("--count")
        {
            Description = $"samples, {DefaultSamples} when left out; for a conditional run so many for each context, but in one PNG contexts, "
                + $"{ConditionalSamples.DefaultContexts} when left out",
        };
        Option<ulong> seed = new("--seed") { Description = "key of the samples", DefaultValueFactory = _ => 1 };
        Option<string> condition = new("--condition")
        {
            Description = "for a conditional run: which examples give the contexts, those of one class by its name or number; without a value "
                + "those of all",
            Arity = ArgumentArity.ZeroOrOne,
        };
        use.Out.Description = $"{DecodedOutput.Description}; {PicturePath.InRun("samples.png")}";
        Command command = use.Make(
            "sample", "Draw codes from the prior and write what they decode to; for a conditional run, for each of some contexts.", count, seed, condition,
            use.Out);
        command.SetAction(call =>
        {
            string? output = call.GetValue(use.Out);
            bool isOnePicture = output is null || PicturePath.Is(output);
            if (isOnePicture)
                PicturePath.Check(output, use.Force(call));
            else
                DecodedOutput.Check(output!, use.Force(call));
            if (call.GetValue(count) is { } asked)
                _ = isOnePicture ? PicturePath.Count(asked) : UseOptions.Within("--count", asked, 1, MostSamples);
            using UsedRun run = use.Open(call);
            bool isConditional = run.Model.Data.ContextWidth > 0, isChosen = call.GetResult(condition) is not null;
            if (!isConditional && isChosen)
                throw new InputException($"--condition chooses what a conditional model is told, and the model of {use.Run(call)} is told nothing. Drop it.");
            if (!isConditional && run.HasNewData)
                throw new InputException($"--data gives contexts to a conditional model, and the model of {use.Run(call)} is told nothing. Drop it.");
            string path = output ?? run.Model.Folder.Picture("samples");
            if (isOnePicture)
                Draw(run, path, call.GetValue(count), call.GetValue(condition), call.GetValue(seed));
            else
                Write(run, path, call.GetValue(count) ?? DefaultSamples, call.GetValue(condition), call.GetValue(seed), call.InvocationConfiguration.Output);
            if (path != OutputFile.Standard)
                call.InvocationConfiguration.Output.WriteLine(path);
            return ExitCode.Success;
        });
        return command;
    }

    private static void Draw(UsedRun run, string path, int? count, string? className, ulong seed)
    {
        TrainedModel model = run.Model;
        if (model.Data.ContextWidth == 0)
        {
            new RunPictures(model.Vae, model.Data.NoExamples, model.Data).Samples(path, count ?? DefaultSamples, seed);
            return;
        }

        (_, DataSet held) = run.Examples(null);
        new ConditionalSamples(model.Vae, held, model.Data).Write(path, ConditionalSamples.Choose(held, className, Contexts(count)), seed);
    }

    private static void Write(UsedRun run, string path, int count, string? className, ulong seed, TextWriter standardOutput)
    {
        if (run.Model.Data.ContextWidth == 0)
        {
            DecodedOutput.Write(path, standardOutput, run.Model, Samples(run.Model, count, seed));
            return;
        }

        using NewData contexts = OpenContexts(run, className);
        DecodedOutput.Write(path, standardOutput, run.Model, Samples(run.Model, contexts, count, seed));
        run.Tell(contexts);
    }

    private static NewData OpenContexts(UsedRun run, string? className)
    {
        if (run.HasNewData)
            return className is null
                ? run.OpenNew(contextsAlone: true)
                : throw new InputException(
                    $"--condition {MessageText.Excerpt(className)} chooses a class, and the rows of --data are contexts. Drop one of them.");
        DataContract contract = run.Model.Data;
        if (contract.Condition != Condition.Label)
            throw new InputException("The run's model is told more than a class. Give a file with it, a row for each context, with --data.");
        return new ClassRows(contract, className is null ? null : Class(contract, className));
    }

    private static int Class(DataContract contract, string name) =>
        ClassNames.Find(name, Enumerable.Range(0, contract.ContextWidth), contract.Classes, "the run");

    private static IEnumerable<DecodedRows> Samples(TrainedModel model, int count, ulong seed)
    {
        for (int start = 0; start < count; start += BatchRows)
        {
            ulong key = TrainedModel.Key(seed, start);
            int[] codes = model.Sample(Math.Min(BatchRows, count - start), key);
            float[] values = model.Draw(codes, key);
            yield return new DecodedRows(
                [.. OutputColumn.Of(CodeColumns.Names(model.Latents), codes), .. OutputColumn.Of(model.Columns, values)], values, null);
        }
    }

    private static IEnumerable<DecodedRows> Samples(TrainedModel model, NewData contexts, int count, ulong seed)
    {
        long row = 0;
        while (contexts.Next(Math.Max(1, BatchRows / count)) is { } told)
        {
            for (int start = 0; start < count; start += BatchRows)
            {
                int each = Math.Min(BatchRows, count - start);
                ContextDraws drawn = ContextDraws.Of(model, told.Contexts!, each, TrainedModel.Key(seed, row), areMeans: false);
                row += (long)told.Count * each;
                yield return new DecodedRows(
                    [
                        .. Told(model, drawn.Contexts), .. OutputColumn.Of(CodeColumns.Names(model.Latents), drawn.Codes),
                        .. OutputColumn.Of(model.Columns, drawn.Values),
                    ],
                    drawn.Values,
                    drawn.Contexts);
            }
        }
    }

    // A class goes by its name; other contexts by their numbers in the data's own units.
    private static IEnumerable<OutputColumn> Told(TrainedModel model, float[] contexts)
    {
        DataContract contract = model.Data;
        if (contract.Condition != Condition.Label)
            return OutputColumn.Of(model.Told, model.ToldOutward(contexts));
        int width = contract.ContextWidth;
        int[] classes = [.. Enumerable.Range(0, contexts.Length / width).Select(i => contexts.AsSpan(i * width, width).IndexOf(1f))];
        string name = contract.LabelName ?? "class";
        return [contract.Classes is { } names ? OutputColumn.Of(name, Array.ConvertAll(classes, one => names[one])) : OutputColumn.Of(name, classes)];
    }

    private static int Contexts(int? count) => (count ?? ConditionalSamples.DefaultContexts) is var contexts && contexts <= MostContexts
        ? contexts
        : throw new InputException($"--count is {contexts}, and a conditional run shows at most {MostContexts} contexts in one picture, a row each.");
}
