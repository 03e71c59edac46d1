using System.CommandLine;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Output;

namespace IlgpuVae.Training.CommandLine;

/// <summary><c>encode</c>: the codes of rows, and what else q(z | x) says of them.</summary>
internal static class EncodeCommand
{
    // Rows that are read, encoded and written at a time: few enough to take little memory beside the encoder's.
    private const int BatchRows = 1024;
    private const int MostImportanceSamples = 1_000_000;

    internal static Command Create()
    {
        UseOptions use = new("a file of rows, read as the run read its own; all rows of it are encoded");
        use.Data.Required = true;
        use.Out.Required = true;
        Option<bool> posterior = new("--posterior") { Description = "add the probabilities q(z | x) of all categories" };
        Option<bool> elbo = new("--elbo") { Description = "add each row's ELBO, nats in the data's own units" };
        Option<bool> logLikelihood = new("--log-likelihood") { Description = "add each row's log p(x), or its bound" };
        Option<int> samples = new("--samples")
        {
            Description = "importance samples where the log-likelihood is not exact",
            DefaultValueFactory = _ => 1000,
        };
        Option<string> keep = new("--keep") { Description = "columns of the input to carry along, such as id,name" };
        Command command = use.Make("encode", "Write the code of every row of a file.", use.Out, posterior, elbo, logLikelihood, samples, keep);
        command.SetAction(call =>
        {
            string path = use.Output(call);
            int importance = UseOptions.Within("--samples", call.GetValue(samples), 1, MostImportanceSamples);
            using UsedRun run = use.Open(call);
            using NewData file = run.OpenNew(keep: UseOptions.Names(call.GetValue(keep)));
            OutputFile.Write(
                path,
                call.InvocationConfiguration.Output,
                Batches(run.Model, file, call.GetValue(posterior), call.GetValue(elbo), call.GetValue(logLikelihood), importance, OutputFile.HoldsWords(path)));
            run.Tell(file);
            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>The rows of a file with their codes, a batch at a time.</summary>
    internal static IEnumerable<IReadOnlyList<OutputColumn>> Batches(
        TrainedModel model, NewData file, bool withPosterior, bool withElbo, bool withLogLikelihood, int importance, bool withWords)
    {
        string encoder = model.Identity;
        while (file.Next(BatchRows) is { } rows)
        {
            float[] posterior = model.Posterior(rows);
            List<OutputColumn> columns = [.. file.KeptNames.Select((name, i) => OutputColumn.Of(name, rows.Kept[i]))];
            columns.AddRange(OutputColumn.Of(CodeColumns.Names(model.Latents), model.Inference.MostProbable(posterior)));
            if (withPosterior)
                columns.AddRange(OutputColumn.Of(CodeColumns.Probabilities(model.Latents, model.Categories), posterior));
            if (withElbo || withLogLikelihood)
            {
                (double[] elbo, double[] logLikelihood) = model.Scores(rows, withLogLikelihood ? importance : 0);
                if (withElbo)
                    columns.Add(OutputColumn.Of("elbo", elbo));
                if (withLogLikelihood)
                    columns.Add(OutputColumn.Of("log_likelihood", logLikelihood));
            }

            if (withWords)
                columns.Add(OutputColumn.Of(CodeColumns.Encoder, [.. Enumerable.Repeat(encoder, rows.Count)]));
            yield return columns;
        }
    }
}
