using System.CommandLine;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Runs;

namespace IlgpuVae.Training.CommandLine;

/// <summary>A trained run opened for use: its device, data and model with the checkpoint's parameters.</summary>
internal sealed class SavedModel : IDisposable
{
    internal SavedModel(string run, string? data, string? device, ParseResult call, int? threads)
    {
        Folder = RunFolder.Open(run);
        Config = Folder.ReadConfig<RunConfig>();
        TrainingOptions options = Config.Options with { Data = data ?? Config.Options.Data, Device = device ?? "auto", Estimator = Config.Estimator };
        Device = ChosenDevice.Open(options.Device, call, threads);
        try
        {
            Plan = RunPlan.Make(options, DataSource.Open(options.Data, options.Reading), Device);
            CheckWidth("numbers an example", Plan.Splits.Train.Width, Config.DataWidth, run, data);
            CheckWidth("numbers to be told about each", Plan.Splits.Train.Context?.Width ?? 0, Config.ContextWidth, run, data);
            Vae = new DiscreteVae(Device, Plan.Design, options.Seed, options.MemoryLimit << 20);
            TrainingCheckpoint.Read(Folder.CheckpointPath, Vae, forTraining: false);
        }
        catch
        {
            Vae?.Dispose();
            Device.Dispose();
            throw;
        }
    }

    internal RunFolder Folder { get; }

    internal RunConfig Config { get; }

    internal ComputeDevice Device { get; }

    internal RunPlan Plan { get; }

    internal DiscreteVae Vae { get; }

    /// <summary>A split by name; the best held-out one when left out.</summary>
    internal (string Name, DataSet Data) Split(string? name) => name switch
    {
        null => (Plan.HeldName, Plan.Held),
        "train" => (name, Plan.Splits.Train),
        "valid" => (name, Plan.Splits.Valid ?? throw Missing(name)),
        "test" => (name, Plan.Splits.Test ?? throw Missing(name)),
        _ => throw new InputException($"--split {name} is not known. Use train, valid or test."),
    };

    public void Dispose()
    {
        Vae.Dispose();
        Device.Dispose();
    }

    private void CheckWidth(string what, int width, int taken, string run, string? data)
    {
        if (width == taken)
            return;
        string own = data is null ? string.Empty : ", or leave it out for the run's own";
        throw new InputException($"{Plan.Options.Data} holds {width} {what}, and the model of {run} takes {taken}. Give --data of that width{own}.");
    }

    private InputException Missing(string split) => new($"{Plan.Options.Data} has no {split} split. Use --split {Plan.HeldName}.");
}
