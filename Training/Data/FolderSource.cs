using System.Text.RegularExpressions;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>Finds which files of a folder make up a data set, and as which split.</summary>
internal static partial class FolderSource
{
    /// <summary>The pairs of IDX files in a folder, or null where it holds none.</summary>
    public static DataSplits? ReadIdx(string folder)
    {
        string[] images = [.. Files(folder).Where(file => IsIdx(file) && Contains(file, "images"))];
        if (images.Length == 0)
            return null;
        string? train = Only(folder, [.. images.Where(file => Contains(file, "train"))], "train images");
        string? test = Only(folder, [.. images.Where(file => !Contains(file, "train") && (Contains(file, "t10k") || Contains(file, "test")))], "test images");
        if (train is null)
            throw new InputException($"{folder} holds {Path.GetFileName(images[0])} but no train-images-idx3-ubyte[.gz]. Add it, or name the one file to use.");
        return new DataSplits { Train = ReadIdxPair(train), Test = test is null ? null : ReadIdxPair(test) };
    }

    /// <summary>One IDX file of images, with the labels beside it where there are any.</summary>
    public static DataSet ReadIdxPair(string imagesPath)
    {
        DataSet examples = IdxFile.ReadExamples(imagesPath);
        string wanted = LabelsFor(imagesPath);
        string? labels = !Contains(imagesPath, "images") ? null : Files(Path.GetDirectoryName(Path.GetFullPath(imagesPath))!)
            .Where(file => Contains(file, "labels") && LabelsFor(file) == wanted)
            .Order(StringComparer.Ordinal).FirstOrDefault();
        return labels is null ? examples : examples with { Labels = IdxFile.ReadLabels(labels, examples) };
    }

    /// <summary>Whether a file's name says that it is IDX.</summary>
    public static bool IsIdx(string path)
    {
        string name = Path.GetFileName(path);
        return name.Contains("idx", StringComparison.OrdinalIgnoreCase) &&
            (name.Contains("ubyte", StringComparison.OrdinalIgnoreCase) || SourceFile.Name(path).Extension.StartsWith(".idx", StringComparison.Ordinal));
    }

    /// <summary>Files of one kind whose names end in train, valid or test, in that order; null where there is no train.</summary>
    public static (string Train, string? Valid, string? Test)? FindSplits(string folder)
    {
        (string Path, Split Split, string Kind)[] files = [.. Files(folder)
            .Where(DataSource.IsSingleFile)
            .Select(file => (file, SplitOf(file), KindOf(file)))];
        string? train = Only(folder, [.. files.Where(file => file.Split == Split.Train).Select(file => file.Path)], "train files");
        if (train is null)
            return null;
        string? Of(Split split) =>
            Only(folder, [.. files.Where(file => file.Split == split && file.Kind == KindOf(train)).Select(file => file.Path)], $"{split} files");
        return (train, Of(Split.Valid), Of(Split.Test));
    }

    /// <summary>The files straight in a folder whose names do not start with a dot, ordinally sorted.</summary>
    public static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(folder).Where(file => !Path.GetFileName(file).StartsWith('.')).Order(StringComparer.Ordinal);

    /// <summary>The split that a file or folder of this name holds.</summary>
    public static Split SplitNamed(string word)
    {
        bool Is(string name) => word.Equals(name, StringComparison.OrdinalIgnoreCase);
        return Is("train") || Is("training") ? Split.Train
            : Is("valid") || Is("val") || Is("validation") ? Split.Valid
            : Is("test") || Is("testing") ? Split.Test
            : Split.None;
    }

    private static Split SplitOf(string path)
    {
        (string stem, string extension) = SourceFile.Name(path);
        if (extension is ".tra" or ".tes")
            return extension == ".tra" ? Split.Train : Split.Test;
        // Hugging Face's files say behind the split which part of how many they are.
        stem = Part().Replace(stem, "");
        return SplitNamed(stem[(stem.LastIndexOfAny(['_', '-', '.']) + 1)..]);
    }

    private static string KindOf(string path) => SourceFile.Name(path).Extension is ".tes" ? ".tra" : SourceFile.Name(path).Extension;

    // Unpacking with `gunzip -k` leaves x and x.gz side by side: they are one file, and the plain one is quicker.
    private static string? Only(string folder, string[] files, string role)
    {
        string[] distinct = [.. files.Where(file => !file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) || !files.Contains(file[..^3]))];
        return distinct.Length <= 1
            ? distinct.FirstOrDefault()
            : throw new InputException(
                $"{folder} holds {distinct.Length} {role}: {string.Join(", ", distinct.Take(3).Select(Path.GetFileName))}. Name the one file to use, or "
                    + "keep one set in a folder.");
    }

    private static string LabelsFor(string path)
    {
        string name = Path.GetFileName(path).Replace("images", "labels", StringComparison.OrdinalIgnoreCase);
        name = name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? name[..^3] : name;
        // idx3 and idx1 name the number of dimensions, in which images and labels differ.
        int idx = name.IndexOf("idx", StringComparison.OrdinalIgnoreCase);
        return idx >= 0 && idx + 3 < name.Length && char.IsAsciiDigit(name[idx + 3]) ? name.Remove(idx + 3, 1) : name;
    }

    [GeneratedRegex("-[0-9]{5}-of-[0-9]{5}$")]
    private static partial Regex Part();

    private static bool Contains(string path, string word) => Path.GetFileName(path).Contains(word, StringComparison.OrdinalIgnoreCase);
}
