using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>Opens whatever <c>--data</c> names.</summary>
public static class DataSource
{
    // What holds examples in a single file, beside tables.
    private static readonly Dictionary<string, Func<string, DataOptions, DataSet>> Readers = new()
    {
        [".amat"] = (path, _) => AmatFile.Read(path),
        [".npy"] = (path, _) => NpyFile.Read(path),
        [".npz"] = (path, options) => NpzFile.Read(path, options.Array),
    };

    /// <summary>What there may be, as a list goes on.</summary>
    internal static string Kinds => $"IDX, {string.Join(", ", Readers.Keys.Concat(TableFile.Extensions))} or a .zip of PNGs";

    /// <summary>
    /// Reads a whole source into host memory and splits it.
    /// <paramref name="spec"/> is <c>glyphs</c>, <c>glyphs:prototypes=16,size=16,noise=0.05,train=8192,valid=1024,test=2048,seed=0</c> with any of these keys,
    /// or a path: a folder in MNIST's IDX form or
    /// one IDX file; .amat; .npy; .npz; a table (<see cref="TableFile"/>); a folder or .zip of PNGs; or a folder with
    /// files of one of these kinds whose names end in train, valid and test. Any single file may be gzipped. Grey levels and truth values become bytes
    /// (0 and 255 where a source holds 0 and 1 alone), everything else floats.
    /// </summary>
    /// <exception cref="InputException">The source cannot be used; the message says where it is wrong and what to do.</exception>
    public static DataSplits Open(string spec, DataOptions options)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        if (IsBuiltIn(spec))
            return Glyphs.Parse(spec, options).Generate();
        return SourceFile.OrRefuse(spec, () =>
        {
            string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(spec.Length == 0 ? "." : spec)));
            (DataSplits splits, bool validFromEnd) =
                spec.Length > 0 && Directory.Exists(spec) ? ReadFolder(spec, options) :
                File.Exists(spec) ? (ReadFiles([spec], options), false) :
                throw NotFound(spec);
            CheckAlike(splits);
            return Preparation.Apply(Splitting.Complete(splits, name, validFromEnd, options), name, options);
        });
    }

    /// <summary>Reads all examples of a source in their order, whatever splits they are in: train, valid, test. Nothing is done to their numbers.</summary>
    /// <exception cref="InputException">The source cannot be used.</exception>
    internal static DataSet OpenWhole(string path, DataOptions options) => SourceFile.OrRefuse(path, () =>
    {
        (DataSplits splits, _) = IsBuiltIn(path) ? (
            Glyphs.Parse(path, options).Generate(),
            false) : Directory.Exists(path) ? ReadFolder(path, options) : File.Exists(path) ? (ReadFiles([path], options), false) : throw NotFound(path);
        CheckAlike(splits);
        DataSet[] parts = [.. new[] { splits.Train, splits.Valid, splits.Test }.OfType<DataSet>()];
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        return parts.Length == 1 ? parts[0] with { Name = name } : parts[0] with
        {
            Name = name,
            Count = parts.Sum(part => part.Count),
            Bytes = parts[0].Bytes is null ? null : [.. parts.SelectMany(part => part.Bytes!)],
            Values = parts[0].Values is null ? null : [.. parts.SelectMany(part => part.Values!)],
            Labels = parts.All(part => part.Labels is not null) ? [.. parts.SelectMany(part => part.Labels!)] : null,
        };
    });

    /// <summary>Whether data are the built-in generated ones.</summary>
    internal static bool IsBuiltIn(string spec) => spec == "glyphs" || spec.StartsWith("glyphs:", StringComparison.Ordinal);

    /// <summary>Whether a file's extension is one of those that hold examples in a single file.</summary>
    internal static bool IsSingleFile(string path) => TableFile.Is(path) || Readers.ContainsKey(SourceFile.Name(path).Extension);

    private static (DataSplits Splits, bool ValidFromEnd) ReadFolder(string folder, DataOptions options)
    {
        if (FolderSource.ReadIdx(folder) is DataSplits idx)
        {
            RefuseTableOptions(folder, options);
            return (idx, true);
        }
        if (FolderSource.FindSplits(folder) is (string train, var valid, var test))
        {
            DataSplits read = ReadFiles([.. new[] { train, valid, test }.OfType<string>()], options);
            // With no valid file, the second set read is the test.
            return (valid is null ? read with { Valid = null, Test = read.Valid } : read, false);
        }
        (List<string> pictures, ForeignPictures others) = PngSource.Find(folder);
        if (pictures.Count > 0)
        {
            RefuseTableOptions(folder, options);
            return (PngSource.ReadFolder(folder, pictures, others, options), false);
        }

        others.RefuseAlone();
        string[] single = [.. FolderSource.Files(folder).Where(IsSingleFile).Select(file => Path.GetFileName(file)).Take(3)];
        throw new InputException(
            $"{folder} holds no IDX images (train-images-idx3-ubyte), no files named *_train and no PNGs. " +
            (single.Length > 0 ? $"Name one of its files, such as {Path.Combine(folder, single[0])}." : "Name a folder or file that holds a data set."));
    }

    /// <summary>Reads one to three files of one kind; labels that are words are numbered alike over all of them.</summary>
    private static DataSplits ReadFiles(string[] paths, DataOptions options)
    {
        DataSet[] sets;
        if (TableFile.Is(paths[0]))
        {
            RefuseArray(paths[0], options);
            (DataSet Examples, string[]? Words)[] tables = Array.ConvertAll(paths, path => TableFile.Read(path, options));
            sets = Array.ConvertAll(tables, table => table.Examples);
            if (tables[0].Words is not null)
            {
                (int[][] labels, string[]? names) = ClassLabels.FromWords(Array.ConvertAll(tables, table => table.Words!));
                sets = [.. sets.Select((set, i) => set with { Labels = labels[i], LabelNames = names })];
            }
        }
        else
        {
            RefuseTableOptions(paths[0], options);
            if (KindOf(paths[0]) == ".zip")
                return PngSource.ReadZip(paths[0], options);
            sets = Array.ConvertAll(paths, path => ReadFile(path, options));
        }
        return new DataSplits { Train = sets[0], Valid = sets.ElementAtOrDefault(1), Test = sets.ElementAtOrDefault(2) };
    }

    private static DataSet ReadFile(string path, DataOptions options)
    {
        string kind = KindOf(path);
        return kind == ".idx" ? FolderSource.ReadIdxPair(path)
            : Readers.TryGetValue(kind, out Func<string, DataOptions, DataSet>? read) ? read(path, options)
            : throw new InputException(kind == ".png"
                ? $"{path} is one picture. Name the folder or zip that holds the pictures to train on."
                : $"{path} is of no kind that is understood: {Kinds}. Rename it to what it is, or convert it.");
    }

    /// <summary>The kind of a file as an extension: its own where that says enough, else by how its content starts.</summary>
    private static string KindOf(string path)
    {
        string extension = SourceFile.Name(path).Extension;
        if (IsSingleFile(path) || extension is ".png")
            return extension;
        byte[] start = SourceFile.Read(path, stream =>
        {
            byte[] bytes = new byte[4];
            _ = stream.ReadAtLeast(bytes, 4, throwOnEndOfStream: false);
            return bytes;
        });
        return start switch
        {
            _ when FolderSource.IsIdx(path) => ".idx",
            [0x93, (byte)'N', (byte)'U', (byte)'M'] => ".npy",
            [(byte)'P', (byte)'K', 3, 4] => ".zip",
            [0, 0, >= 0x08 and <= 0x0E, >= 1 and <= 4] => ".idx",
            _ => extension,
        };
    }

    private static void RefuseTableOptions(string path, DataOptions options)
    {
        if (SourceFile.Name(path).Extension != ".npz")
            RefuseArray(path, options);
        if (options.Columns is not null || options.LabelColumn is not null)
            throw new InputException(
                $"{path} is not a table, so {Setting.Of(nameof(DataOptions.Columns))} and {Setting.Of(nameof(DataOptions.LabelColumn))} have nothing to "
                    + $"choose from. Drop them.");
    }

    private static void RefuseArray(string path, DataOptions options)
    {
        if (options.Array is not null)
            throw new InputException(
                $"{path} is no bundle of arrays (.npz), so {Setting.Of(nameof(DataOptions.Array))} has nothing to choose from. Drop it.");
    }

    private static void CheckAlike(DataSplits splits)
    {
        foreach (DataSet other in new[] { splits.Valid, splits.Test }.OfType<DataSet>())
        {
            if (other.Width != splits.Train.Width || other.Picture != splits.Train.Picture || (other.Bytes is null) != (splits.Train.Bytes is null))
                throw new InputException(
                    $"{other.Name} holds {Shape(other)} an example, but {splits.Train.Name} holds {Shape(splits.Train)}. Put splits of the same data into "
                        + "the folder.");
        }
    }

    private static string Shape(DataSet set) =>
        (set.Picture is (int height, int width) ? $"{height} x {width}" : $"{set.Width}") + (set.Bytes is null ? " real numbers" : " grey levels");

    private static InputException NotFound(string spec)
    {
        string folder = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(spec)) ?? "";
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(spec));
        string place = folder.Length == 0 ? "." : folder;
        if (!Directory.Exists(place))
            return new InputException($"{spec} does not exist, nor does the folder {place}. Check the path.");
        IEnumerable<string> names = Directory.EnumerateFileSystemEntries(place).Select(entry => Path.GetFileName(entry));
        return new InputException(
            $"{spec} does not exist.{SpellingSuggestion.For(name, names.Append("glyphs"))} Give a path, or glyphs for the built-in data set.");
    }
}
