using System.CommandLine;
using System.Globalization;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Output;

namespace IlgpuVae.Training.CommandLine;

/// <summary><c>codes</c>: the code book, a row for each category: how much of the data it has, what it means, and rows that show it best.</summary>
internal static class CodesCommand
{
    private const int MostExamples = 100;

    internal static Command Create()
    {
        UseOptions use = new("a file to count the codes in; the run's own, whole, when left out");
        use.Out.Required = true;
        Option<int> examples = new("--examples") { Description = "row numbers of the most typical examples of each code", DefaultValueFactory = _ => 3 };
        Command command = use.Make(
            "codes", "Write the code book: each code's share of the data, the mean of every column, its most typical examples.", use.Out, examples);
        command.SetAction(call =>
        {
            string path = use.Output(call);
            int most = UseOptions.Within("--examples", call.GetValue(examples), 0, MostExamples);
            using UsedRun run = use.Open(call);
            DataSet data = run.Whole();
            OutputFile.Write(path, call.InvocationConfiguration.Output, [Columns(run.Model, CodeBook.Of(run.Model, data, most))]);
            return ExitCode.Success;
        });
        return command;
    }

    private static List<OutputColumn> Columns(TrainedModel model, IReadOnlyList<CodeBookEntry> entries)
    {
        List<OutputColumn> columns = [];
        if (model.Latents > 1)
            columns.Add(OutputColumn.Of("variable", entries.Select(entry => entry.Variable + 1).ToArray()));
        columns.Add(OutputColumn.Of("code", entries.Select(entry => entry.Category).ToArray()));
        columns.Add(OutputColumn.Of("count", entries.Select(entry => entry.Count).ToArray()));
        columns.Add(OutputColumn.Of("share", entries.Select(entry => entry.Share).ToArray()));
        columns.AddRange(OutputColumn.Of(model.Columns, [.. entries.SelectMany(entry => entry.Mean)]));
        columns.Add(OutputColumn.Of(
            "examples", entries.Select(entry => string.Join(' ', entry.Examples.Select(row => (row + 1).ToString(CultureInfo.InvariantCulture)))).ToArray()));
        return columns;
    }
}
