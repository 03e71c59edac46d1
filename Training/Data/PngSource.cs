using System.IO.Compression;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>
/// Reads every PNG of a folder or zip, in the ordinal order of their paths, as pictures of one size. The folders they lie in say class and split,
/// see <see cref="PictureFolders"/>. Names that start with a dot and __MACOSX are passed over.
/// </summary>
internal static class PngSource
{
    private const int MostBytes = 1 << 26;
    private const int DeepestFolder = 32;

    /// <summary>Paths of the PNGs below <paramref name="folder"/>, relative to it, with forward slashes, and what other pictures lie there.</summary>
    public static (List<string> Found, ForeignPictures Others) Find(string folder)
    {
        List<string> found = [];
        ForeignPictures others = new(folder);
        Walk(new DirectoryInfo(folder), "", 0, found, others);
        return (found, others);
    }

    public static DataSplits ReadFolder(string folder, List<string> found, ForeignPictures others, DataOptions options)
    {
        Pictures pictures = new(folder, options, others);
        foreach (string name in found.Order(StringComparer.Ordinal))
        {
            string path = Path.Combine(folder, name);
            pictures.Add(path, name, SourceFile.OrRefuse(path, () =>
            {
                using FileStream file = File.OpenRead(path);
                return ReadBounded(path, file);
            }));
        }
        return pictures.ToSplits();
    }

    public static DataSplits ReadZip(string zip, DataOptions options) => SourceFile.OrRefuse(zip, () =>
    {
        using ZipContent content = new(zip);
        ForeignPictures others = new(zip);
        Pictures pictures = new(zip, options, others);
        (string Name, ZipArchiveEntry Entry)[] entries = [.. content.Entries.Where(pair => !pair.Name.EndsWith('/'))];
        bool hasPng = entries.Any(pair => IsPng(pair.Name));
        foreach ((string name, _) in entries)
            others.See(name);
        if (!hasPng)
            others.RefuseAlone();
        if (entries.Length > 0 && !hasPng)
            throw new InputException(
                $"{zip} holds no PNG; its first entry is {MessageText.Excerpt(entries[0].Name)}. Convert pictures to PNG; of other data, unpack "
                    + "the archive and name the file.");
        foreach ((string name, ZipArchiveEntry entry) in entries.Where(pair => IsPng(pair.Name)).OrderBy(pair => pair.Name, StringComparer.Ordinal))
        {
            string path = content.Place(entry);
            pictures.Add(path, name, SourceFile.OrRefuse(path, () =>
            {
                using Stream picture = content.Open(entry);
                return ReadBounded(path, picture);
            }));
        }
        return pictures.ToSplits();
    });

    private static void Walk(DirectoryInfo folder, string prefix, int depth, List<string> found, ForeignPictures others)
    {
        foreach (FileInfo file in folder.EnumerateFiles())
        {
            if (ZipContent.IsPassedOver(file.Name))
                continue;
            if (IsPng(file.Name))
                found.Add(prefix + file.Name);
            else
                others.See(prefix + file.Name);
        }
        foreach (DirectoryInfo inner in folder.EnumerateDirectories())
        {
            // Links between folders can run in a circle.
            if (!ZipContent.IsPassedOver(inner.Name) && inner.LinkTarget is null && depth < DeepestFolder)
                Walk(inner, $"{prefix}{inner.Name}/", depth + 1, found, others);
        }
    }

    // What an archive says of an entry's size is not to be trusted: count what comes.
    private static byte[] ReadBounded(string path, Stream content)
    {
        using MemoryStream copy = new();
        byte[] block = new byte[1 << 14];
        for (int got = content.Read(block); got > 0; got = content.Read(block))
        {
            if (copy.Length + got > MostBytes)
                throw new InputException($"{path} unpacks to more than {MostBytes >> 20} MiB, which no picture to train on takes. Remove it.");
            copy.Write(block, 0, got);
        }
        return copy.ToArray();
    }

    private static bool IsPng(string name) => name.EndsWith(".png", StringComparison.OrdinalIgnoreCase);

    /// <summary>Gathers pictures, holding them to one size.</summary>
    private sealed class Pictures(string source, DataOptions options, ForeignPictures others)
    {
        private readonly List<byte> levels = [];
        private readonly List<string> names = [];
        private (int Height, int Width)? size = PictureSize.Parse(nameof(DataOptions.Resize), options.Resize);
        private string first = "";

        public void Add(string path, string name, byte[] content)
        {
            ForeignFile.Refuse(path, content.AsSpan(0, Math.Min(content.Length, ForeignFile.Telling)));
            (byte[] picture, (int Height, int Width) found) = PngPicture.Decode(path, content);
            if (size is null)
                (size, first) = (found, name);
            if (options.Resize is not null && found != size)
            {
                byte[] resized = new byte[size.Value.Height * size.Value.Width];
                AreaResize.Apply(picture, found, resized, size.Value);
                picture = resized;
            }
            else if (found != size)
            {
                throw new InputException(
                    $"{path} is {found.Width} x {found.Height} pixels, but {first} is {size.Value.Width} x {size.Value.Height}. Bring all pictures to one "
                        + $"size, for example with {Setting.Of(nameof(DataOptions.Resize), 28)}.");
            }
            HostBudget.Check(source, (UInt128)(levels.Count + picture.Length), 1);
            levels.AddRange(picture);
            names.Add(name);
        }

        public DataSplits ToSplits()
        {
            if (size is not (int height, int width) || names.Count == 0)
                throw new InputException($"{source} holds no PNG. Name a folder or zip that does.");
            return PictureFolders.Divide([.. names], new DataSet
            {
                Name = source,
                Count = names.Count,
                Width = height * width,
                Picture = (height, width),
                Bytes = [.. levels],
                Remark = others.Remark,
            });
        }
    }
}
