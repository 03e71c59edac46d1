using System.IO.Compression;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>Reads one array of NumPy's .npz: a zip archive with a .npy for each.</summary>
internal static class NpzFile
{
    private const string Extension = ".npy";

    /// <summary>The examples of the array called <paramref name="array"/>, or of the only one.</summary>
    public static DataSet Read(string path, string? array)
    {
        SourceFile.Open(path).Dispose();
        return SourceFile.OrRefuse(path, () =>
        {
            using ZipContent zip = new(path);
            (string Name, ZipArchiveEntry Entry)[] arrays =
            [
                .. zip.Entries.Where(pair => pair.Name.EndsWith(Extension, StringComparison.Ordinal))
                    .Select(pair => (pair.Name[..^Extension.Length], pair.Entry)),
            ];
            if (arrays.Length == 0)
                throw new InputException($"{path} holds no arrays. Save them again with numpy.savez.");
            string names = string.Join(", ", arrays.Take(20).Select(pair => MessageText.Excerpt(pair.Name))) + (arrays.Length > 20 ? ", ..." : "");
            if (array is null && arrays.Length > 1)
                throw new InputException(
                    $"{path} holds {arrays.Length} arrays: {names}. Choose the one to train on with {Setting.Of(nameof(DataOptions.Array))} "
                        + $"{MessageText.Excerpt(arrays[0].Name)}.");
            (string Name, ZipArchiveEntry Entry) chosen = arrays.FirstOrDefault(pair => array is null || pair.Name == array);
            if (chosen.Entry is null)
            {
                string near = SpellingSuggestion.For(array!, arrays.Select(pair => pair.Name));
                throw new InputException(
                    $"{path} has no array for {Setting.Of(nameof(DataOptions.Array))} {MessageText.Excerpt(array)}.{near} Its arrays are {names}.");
            }

            string place = zip.Place(chosen.Entry);
            return SourceFile.OrRefuse(place, () =>
            {
                using Stream content = zip.Open(chosen.Entry);
                return NpyFile.Read(place, content) with { Name = Path.GetFileName(path) };
            });
        });
    }
}
