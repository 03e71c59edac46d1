namespace IlgpuVae.Training.Data;

/// <summary>
/// What the folders of pictures mean. Below what all paths have in common, folders named train, valid and test (or training, validation and testing) hold the
/// splits, if there is no other folder and train is among them.
/// The folder that a picture lies in, as a path below that, is its class; one folder makes no classes.
/// </summary>
internal static class PictureFolders
{
    /// <summary>Splits and labels the pictures whose paths are <paramref name="paths"/>, in that order.</summary>
    public static DataSplits Divide(string[] paths, DataSet pictures)
    {
        string[][] folders = Array.ConvertAll(paths, path => path.Split('/')[..^1]);
        int common = 0;
        while (folders.All(folder => folder.Length > common && folder[common] == folders[0][common]))
            common++;
        Split[] splits = Array.ConvertAll(folders, folder => folder.Length > common ? FolderSource.SplitNamed(folder[common]) : Split.None);
        bool divided = splits.Contains(Split.Train) && !splits.Contains(Split.None);

        (int[][] labels, string[] names) = ClassLabels.FromNames([Array.ConvertAll(folders, folder => string.Join('/', folder[(divided ? common + 1 : 0)..]))]);
        if (names.Length > 1)
            pictures = pictures with { Labels = labels[0], LabelNames = names };
        if (!divided)
            return new DataSplits { Train = pictures };
        return new DataSplits { Train = Part(Split.Train)!, Valid = Part(Split.Valid), Test = Part(Split.Test) };

        DataSet? Part(Split split)
        {
            int[] rows = [.. Enumerable.Range(0, paths.Length).Where(row => splits[row] == split)];
            return rows.Length == 0 ? null : pictures.Take(rows, $"{pictures.Name} {split}");
        }
    }
}
