using System.Globalization;
using System.Text.RegularExpressions;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Pictures;

namespace IlgpuVae.Training.Output;

/// <summary>A folder with a PNG for each picture, 000000.png and on, which is there only when all of them are.</summary>
internal static partial class PictureFolder
{
    // What six digits count: with more of them names would no longer sort.
    private const int MostPictures = 1_000_000;

    /// <summary>Whether a path is one of a folder.</summary>
    public static bool Is(string path) => Path.EndsInDirectorySeparator(path);

    /// <summary>Refuses a path that no folder can be made at, before any work is done for it.</summary>
    /// <exception cref="InputException">Something is there that may not be replaced, or there is nothing to put it into.</exception>
    public static void Check(string path, bool force)
    {
        string given = $"{Setting.Of("Out")} {path}", folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (File.Exists(folder))
            throw new InputException($"{given} ends as a folder, and a file is there. Give the name of a new folder.");
        if (Path.GetDirectoryName(folder) is not { } parent || !Directory.Exists(parent))
            throw new InputException($"{given}: there is no folder to make it in. Make that first, or write elsewhere.");
        foreach (string taken in new[] { folder, Unfinished(folder) }.Where(Directory.Exists))
        {
            // A slip of the pen must not cost a folder of anything else.
            if (Directory.EnumerateFileSystemEntries(taken).FirstOrDefault(entry => !IsOurs(entry)) is { } other)
                throw new InputException($"{taken} holds other things than numbered pictures, such as {Path.GetFileName(other)}. Write to a new folder.");
        }

        if (Directory.Exists(folder) && !force)
            throw new InputException($"{given} exists already. Write elsewhere, or give {Setting.Of("Force")} to replace it.");
    }

    /// <summary>Writes pictures [n, H, W], batch by batch.</summary>
    /// <exception cref="InputException">There are none, or more than six digits count.</exception>
    public static void Write(string path, IEnumerable<float[]> batches, int height, int width)
    {
        string folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)), unfinished = Unfinished(folder);
        Remove(unfinished);
        _ = Directory.CreateDirectory(unfinished);
        try
        {
            int count = 0;
            foreach (float[] batch in batches)
            {
                for (int at = 0; at < batch.Length; at += height * width)
                {
                    if (count == MostPictures)
                        throw new InputException($"There are more than {MostPictures:N0} pictures, too many for a folder. Write them as .npy.");
                    string name = Path.Combine(unfinished, $"{(count++).ToString("D6", CultureInfo.InvariantCulture)}.png");
                    GreyPicture.Write(name, batch.AsSpan(at, height * width), height, width);
                }
            }

            if (count == 0)
                throw new InputException($"There are no rows to write to {Setting.Of("Out")} {path}. Name data that hold some.");
            Remove(folder);
            Directory.Move(unfinished, folder);
        }
        catch
        {
            Remove(unfinished);
            throw;
        }
    }

    // One fixed name: what a killed process leaves behind makes way for the next.
    private static string Unfinished(string folder) => folder + ".tmp";

    private static void Remove(string folder)
    {
        if (!Directory.Exists(folder))
            return;
        foreach (string picture in Directory.EnumerateFiles(folder).Where(IsOurs))
            File.Delete(picture);
        Directory.Delete(folder);
    }

    private static bool IsOurs(string entry) => OurName().IsMatch(Path.GetFileName(entry)) && File.Exists(entry);

    [GeneratedRegex("^[0-9]{6}[.]png$")]
    private static partial Regex OurName();
}
