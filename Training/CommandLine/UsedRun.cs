using System.CommandLine;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Runs;

namespace IlgpuVae.Training.CommandLine;

/// <summary>A run that a command uses, on the run's own data by their split or on a file that it has not seen, which is used whole.</summary>
internal sealed class UsedRun : IDisposable
{
    private readonly string run;
    private readonly string? data;
    private readonly ParseResult call;
    private RunPlan? own;

    internal UsedRun(string run, RunCheckpoint checkpoint, string? data, string? device, ParseResult call, int? threads)
    {
        (this.run, this.data, this.call) = (run, data, call);
        Model = TrainedModel.Load(run, checkpoint, () => ChosenDevice.Open(device ?? "auto", call, threads));
    }

    /// <summary>The run's model.</summary>
    internal TrainedModel Model { get; }

    /// <summary>Whether a file was named that the run has not seen.</summary>
    internal bool HasNewData => data is not null;

    /// <summary>The run as it was planned, with its own data read again.</summary>
    /// <exception cref="InputException">They are gone, or are others now.</exception>
    internal RunPlan Own => own ??= ReadOwn();

    /// <summary>The examples to use, with their contexts, and what they are called: a split of the run's own data, or all of a new file.</summary>
    internal (string Name, DataSet Data) Examples(string? split)
    {
        if (data is null)
            return OwnSplit(split);
        if (split is not null)
            throw new InputException($"--split {split} is for the run's own data, and --data {data} is used whole. Drop one of the two.");
        using NewData file = OpenNew();
        DataSet all = All(file);
        Tell(file);
        return ($"all of {all.Name}", all);
    }

    /// <summary>All examples of the named file, or of the run's own data, in the file's order; of data that are made, the training split.</summary>
    internal DataSet Whole()
    {
        TrainingOptions options = Model.Config.Options;
        if (HasNewData || options.IsBuiltIn)
            return Examples(HasNewData ? null : "train").Data;
        RequireOwn(options.Data);
        using NewData file = NewData.Open(options.Data, Model.Data, options.Reading);
        return All(file);
    }

    /// <summary>The new file, to be read in batches.</summary>
    internal NewData OpenNew(bool contextsAlone = false, IReadOnlyList<string>? keep = null) =>
        NewData.Open(data!, Model.Data, Model.Config.Options.Reading, contextsAlone, keep);

    /// <summary>Says on standard error how a file was read.</summary>
    internal void Tell(NewData file)
    {
        foreach (string remark in file.Remarks)
            call.InvocationConfiguration.Error.WriteLine(remark);
    }

    public void Dispose() => Model.Dispose();

    private static DataSet All(NewData file)
    {
        RowBatch rows = file.All();
        return rows.Examples! with { Context = rows.Contexts };
    }

    private (string Name, DataSet Data) OwnSplit(string? name)
    {
        if (name is not (null or "train" or "valid" or "test"))
            throw new InputException($"--split {name} is not known. Use train, valid or test.");
        DataSet? found = name switch { null => Own.Held, "train" => Own.Splits.Train, "valid" => Own.Splits.Valid, _ => Own.Splits.Test };
        return found is not null
            ? (name ?? Own.HeldName, found)
            : throw new InputException($"{Own.Options.Data} has no {name} split. Use --split {Own.HeldName}.");
    }

    private void RequireOwn(string path)
    {
        if (!File.Exists(path) && !Directory.Exists(path))
            throw new InputException($"{path}, which {run} learned from, is no longer there. Name data with --data: a file is used whole.");
    }

    private RunPlan ReadOwn()
    {
        TrainingOptions options = Model.Config.Options with { Estimator = Model.Config.Estimator };
        if (!options.IsBuiltIn)
            RequireOwn(options.Data);
        RunPlan plan = RunPlan.Make(options, Model.Device);
        return plan.Contract.ChangeSince(Model.Data) is { } change
            ? throw new InputException(
                $"{options.Data} has changed since {run} learned from it: {change}. Name it with --data to use all of it as new data, or put the old back.")
            : plan;
    }
}
