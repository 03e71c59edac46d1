using System.CommandLine;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Output;
using IlgpuVae.Training.Runs;

namespace IlgpuVae.Training.CommandLine;

/// <summary>The options that every command with a trained run takes.</summary>
internal sealed class UseOptions
{
    private readonly Option<string> run = new("--run") { Description = "the run folder", Required = true };
    private readonly Option<string> device = new("--device") { Description = "auto, cuda[:i], opencl[:i] or cpu" };
    private readonly Option<int?> threads = ThreadsOption.Create();
    private readonly Option<string> checkpoint = new("--checkpoint")
    {
        Description = "last, or best: the parameters with the largest ELBO on held-out examples",
        DefaultValueFactory = _ => RunPlan.Name(RunCheckpoint.Last),
    };

    private readonly Option<bool> force = new("--force") { Description = "replace the output where it exists" };

    internal UseOptions(string dataDescription) => Data = new Option<string>("--data") { Description = dataDescription };

    /// <summary>The file to use it on.</summary>
    internal Option<string> Data { get; }

    /// <summary>Where the result goes, as numbers.</summary>
    internal Option<string> Out { get; } = new("--out")
    {
        Description = $"the file to write: {OutputFile.Extensions}, or {OutputFile.Standard} for CSV on standard output",
    };

    /// <summary>A command with these options and its own.</summary>
    internal Command Make(string name, string description, params Option[] own)
    {
        Command command = new(name, description) { run, Data, checkpoint, device, threads };
        foreach (Option option in own)
            command.Options.Add(option);
        if (own.Contains(Out))
            command.Options.Add(force);
        return command;
    }

    /// <summary>The path of the result, checked before any work.</summary>
    internal string Output(ParseResult call)
    {
        string path = call.GetValue(Out)!;
        OutputFile.Check(path, Force(call));
        return path;
    }

    /// <summary>The path of a result that may be pictures too, likewise.</summary>
    internal string DecodedOutput(ParseResult call)
    {
        string path = call.GetValue(Out)!;
        CommandLine.DecodedOutput.Check(path, Force(call));
        return path;
    }

    /// <summary>Whether an output that exists is replaced.</summary>
    internal bool Force(ParseResult call) => call.GetValue(force);

    /// <summary>Opens the run.</summary>
    internal UsedRun Open(ParseResult call) =>
        new(
            call.GetValue(run)!, RunPlan.Choose<RunCheckpoint>("Checkpoint", call.GetValue(checkpoint)!), call.GetValue(Data), call.GetValue(device), call,
            ThreadsOption.Of(call, threads));

    /// <summary>The folder of the run as it was given.</summary>
    internal string Run(ParseResult call) => call.GetValue(run)!;

    /// <summary>A list of names separated by commas.</summary>
    internal static string[] Names(string? list) => list?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <summary>A number within its bounds.</summary>
    internal static int Within(string option, int value, int least, int most) => value >= least && value <= most
        ? value
        : throw new InputException($"{option} is {value}, and has to be from {least:N0} to {most:N0}.");
}
