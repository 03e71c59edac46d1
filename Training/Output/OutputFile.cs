using IlgpuVae.Model.Checkpoints;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;

namespace IlgpuVae.Training.Output;

/// <summary>A file of results: the kind is its extension's, rows stream into it, and it has its name only when it is whole.</summary>
internal static class OutputFile
{
    /// <summary>The path that stands for standard output.</summary>
    internal const string Standard = "-";

    private static readonly Dictionary<string, Action<Stream, IEnumerable<IReadOnlyList<OutputColumn>>, (int Height, int Width)?>> Kinds =
        new(StringComparer.OrdinalIgnoreCase)
        {
            [".csv"] = (stream, batches, _) => CsvOutput.Write(stream, batches),
            [".json"] = (stream, batches, _) => JsonOutput.Write(stream, batches),
            [".jsonl"] = (stream, batches, _) => JsonOutput.Write(stream, batches),
            [".npy"] = NpyOutput.Write,
            [".npz"] = (stream, batches, _) => NpyOutput.WriteBundle(stream, batches),
            [".parquet"] = (stream, batches, _) => ParquetOutput.Write(stream, batches),
        };

    /// <summary>The extensions that are known.</summary>
    internal static string Extensions => string.Join(", ", Kinds.Keys);

    /// <summary>Whether a kind of file holds words: <c>.npy</c> is one matrix of numbers.</summary>
    internal static bool HoldsWords(string path) => !Path.GetExtension(path).Equals(".npy", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a path is one of a result as numbers.</summary>
    internal static bool Is(string path) => path == Standard || Kinds.ContainsKey(Path.GetExtension(path));

    /// <summary>Refuses a path that cannot be written, before any work is done for it.</summary>
    /// <param name="path">The path.</param>
    /// <param name="force">Whether a file that is there is replaced.</param>
    /// <param name="others">What else whoever asks can write, as a list goes on.</param>
    /// <exception cref="InputException">Its kind is not known, its folder is not there, or something is there already.</exception>
    internal static void Check(string path, bool force, string others = "")
    {
        string given = $"{Setting.Of("Out")} {path}";
        if (PictureFolder.Is(path) || Path.GetExtension(path).Equals(".png", StringComparison.OrdinalIgnoreCase))
            throw new InputException($"{given} would be pictures, and what is written is a table. Use {Extensions}, or {Standard} for CSV on standard output.");
        if (!Is(path))
            throw new InputException(
                $"{given} ends in no kind of file that is known.{SpellingSuggestion.For(Path.GetExtension(path), Kinds.Keys)} Use "
                    + $"{Extensions}{others}, or {Standard} for CSV on standard output.");
        if (path != Standard)
            CheckPlace(path, force);
    }

    /// <summary>Refuses the place of a file, of whatever kind.</summary>
    /// <exception cref="InputException">It is a folder, its folder is not there, or something is there already.</exception>
    internal static void CheckPlace(string path, bool force)
    {
        string given = $"{Setting.Of("Out")} {path}";
        if (Directory.Exists(path))
            throw new InputException($"{given} is a folder. Give the name of a file.");
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(folder))
            throw new InputException($"{given}: there is no folder {folder}. Make it first, or write elsewhere.");
        if (File.Exists(path) && !force)
            throw new InputException($"{given} exists already. Write elsewhere, or give {Setting.Of("Force")} to replace it.");
    }

    /// <summary>Writes batches of rows, all of the same columns.</summary>
    /// <param name="path">The file, or <see cref="Standard"/>.</param>
    /// <param name="standardOutput">What that stands for.</param>
    /// <param name="batches">The rows.</param>
    /// <param name="picture">Height and width of the pictures that rows are which hold nothing else: .npy keeps their shape.</param>
    /// <exception cref="InputException">The file may not be written, there are no rows, or its kind cannot hold them.</exception>
    internal static void Write(
        string path, TextWriter standardOutput, IEnumerable<IReadOnlyList<OutputColumn>> batches, (int Height, int Width)? picture = null)
    {
        batches = MadeAhead.Of(Some(path, batches));
        if (path == Standard)
        {
            CsvOutput.Write(standardOutput, batches);
            return;
        }

        try
        {
            AtomicFile.Write(path, stream => Kinds[Path.GetExtension(path)](stream, batches, picture));
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new InputException($"{Setting.Of("Out")} {path} may not be written: {denied.Message}", denied);
        }
    }

    // Without a row it is not known which columns there are.
    private static IEnumerable<IReadOnlyList<OutputColumn>> Some(string path, IEnumerable<IReadOnlyList<OutputColumn>> batches)
    {
        bool isEmpty = true;
        foreach (IReadOnlyList<OutputColumn> columns in batches)
        {
            isEmpty = false;
            yield return columns;
        }

        if (isEmpty)
            throw new InputException($"There are no rows to write to {Setting.Of("Out")} {path}. Name data that hold some.");
    }
}
