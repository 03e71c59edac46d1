using System.Globalization;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;

namespace IlgpuVae.Training.Runs;

/// <summary>The folder of one training run: its settings, its metrics, its checkpoint and its pictures.</summary>
public sealed class RunFolder
{
    /// <summary>Where runs go that were given no folder.</summary>
    public const string DefaultRoot = "runs";

    private RunFolder(string path) => Location = path;

    /// <summary>The folder's path as it was given.</summary>
    public string Location { get; }

    /// <summary>Everything needed to repeat the run, <c>config.json</c>.</summary>
    public string ConfigPath => Path.Combine(Location, "config.json");

    /// <summary>What the data were and how they are read, <c>data.json</c>.</summary>
    public string ContractPath => Path.Combine(Location, "data.json");

    /// <summary>One JSON object a logged step, <c>metrics.jsonl</c>.</summary>
    public string MetricsPath => Path.Combine(Location, "metrics.jsonl");

    /// <summary>Parameters, optimiser and counters, <c>checkpoint.safetensors</c>.</summary>
    public string CheckpointPath => Path.Combine(Location, "checkpoint.safetensors");

    /// <summary>The parameters of the step that did best on held-out examples, <c>best.safetensors</c>.</summary>
    public string BestPath => Path.Combine(Location, "best.safetensors");

    /// <summary>Path of the picture <paramref name="name"/>, <c>name.png</c>.</summary>
    public string Picture(string name) => Path.Combine(Location, name + ".png");

    /// <summary>Makes a folder for a new run.</summary>
    /// <exception cref="InputException">There is a file at <paramref name="path"/>, or a folder with something in it.</exception>
    public static RunFolder Create(string path) => TryCreate(path) ?? throw Taken(path);

    /// <summary>Checks that <see cref="Create"/> will find nothing at <paramref name="path"/>, without making anything.</summary>
    /// <exception cref="InputException">There is a file at <paramref name="path"/>, or a folder with something in it.</exception>
    public static void RequireNew(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            if (File.Exists(path) || (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any()))
                throw Taken(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"The run folder {path} cannot be looked into: {error.Message}", error);
        }
    }

    /// <summary>Makes a folder <c>root/yyyyMMdd-HHmmss-data-estimator</c>, with a number behind it where that one is taken.</summary>
    /// <param name="data">The data's name or path; of a path the last part counts.</param>
    /// <param name="estimator">The estimator's name.</param>
    /// <param name="start">When the run began.</param>
    /// <param name="root">Folder of all runs.</param>
    public static RunFolder CreateDefault(string data, string estimator, DateTime start, string root = DefaultRoot)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(estimator);
        string stamp = start.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        string source = data.Split('/', '\\').LastOrDefault(part => part.Trim('.').Length > 0, "data");
        string path = Path.Combine(root, $"{stamp}-{Plain(source)}-{Plain(estimator)}");
        for (int number = 2; ; number++)
        {
            if (TryCreate(number == 2 ? path : $"{path}-{number - 1}") is RunFolder folder)
                return folder;
        }
    }

    /// <summary>Opens the folder of a run that has saved at least one checkpoint.</summary>
    /// <exception cref="InputException">The folder, its settings or its checkpoint are missing.</exception>
    public static RunFolder Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        RunFolder folder = new(path);
        if (!Directory.Exists(path))
            throw new InputException($"There is no folder {path}; give the folder that a training run wrote.");
        if (!File.Exists(folder.ConfigPath))
            throw new InputException($"{path} is no run folder: it has no config.json. Give the folder that a training run wrote.");
        if (!File.Exists(folder.CheckpointPath))
        {
            throw new InputException(
                $"{path} has no checkpoint.safetensors: its run ended before the first was saved. Start it again with "
                    + $"{Setting.Of("options", folder.ConfigPath)}.");
        }

        return folder;
    }

    /// <summary>The file of a checkpoint.</summary>
    /// <exception cref="InputException">There is none: the run was not evaluated yet, or is of a version that kept none.</exception>
    internal string Checkpoint(RunCheckpoint which) =>
        which == RunCheckpoint.Last ? CheckpointPath
        : File.Exists(BestPath) ? BestPath
        : throw new InputException(
            $"{Location} has no best.safetensors: the run was not evaluated on the way, or is of a version that kept none. Use its last checkpoint.");

    /// <summary>Keeps other processes from training into the folder until it is disposed of, or the process ends in whatever way.</summary>
    /// <exception cref="InputException">Another process is training into it, or it cannot be written.</exception>
    public IDisposable Claim()
    {
        string path = Path.Combine(Location, ".lock");
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException(
                $"{Location} cannot be trained into: another process is at it, or it may not be written ({error.Message.TrimEnd('.')}).", error);
        }
    }

    /// <summary>Writes the run's settings.</summary>
    public void WriteConfig<T>(T config) => JsonFile.Write(ConfigPath, config);

    /// <summary>Reads the run's settings.</summary>
    /// <exception cref="InputException">The file does not describe a <typeparamref name="T"/>.</exception>
    public T ReadConfig<T>() => JsonFile.Read<T>(ConfigPath);

    /// <summary>Whether it is written down what the run's data were; runs of earlier versions have none.</summary>
    internal bool HasContract => File.Exists(ContractPath);

    /// <summary>Whether the run's data were these.</summary>
    internal bool IsOf(DataContract data) => HasContract && data.ChangeSince(JsonFile.Read<DataContract>(ContractPath)) is null;

    /// <summary>Writes down what the run's data were and how they are read.</summary>
    internal void WriteContract(DataContract contract) => JsonFile.Write(ContractPath, contract);

    /// <summary>What the run's data were; of a run by a version that did not write it down, from its data.</summary>
    /// <exception cref="InputException">It is damaged, or the data of an older run are gone.</exception>
    internal DataContract ReadContract(RunConfig config, ComputeDevice device) => HasContract
        ? JsonFile.Read<DataContract>(ContractPath)
        : RunPlan.Make(config.Repeat(), device).Contract;

    private static InputException Taken(string path) => new(
        File.Exists(path) ? $"{path} is a file; give the name of a new folder." :
        File.Exists(new RunFolder(path).ConfigPath) ? $"{path} holds a run already; give a new folder, or continue that run with "
            + $"{Setting.Of("checkpoint", path)}." :
        $"{path} has files in it already; give a new folder.");

    // Two runs started in the same second may both find the folder empty; only one of them gets to create the metrics file.
    private static RunFolder? TryCreate(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        RunFolder folder = new(path);
        try
        {
            if (File.Exists(path))
                return null;
            _ = Directory.CreateDirectory(path);
            if (Directory.EnumerateFileSystemEntries(path).Any())
                return null;
            using FileStream claim = new(folder.MetricsPath, FileMode.CreateNew);
            return folder;
        }
        catch (IOException) when (File.Exists(folder.MetricsPath))
        {
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"The run folder {path} cannot be made: {error.Message}", error);
        }
    }

    private static string Plain(string name)
    {
        string stem = name.Split('.')[0];
        string plain = string.Concat(
            (stem.Length == 0 ? name : stem).Select(letter => char.IsAsciiLetterOrDigit(letter) ? char.ToLowerInvariant(letter) : '-'));
        return plain.Trim('-') is { Length: > 0 } rest ? rest : "data";
    }
}
