using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>Pictures in a folder or archive that are no PNG: none of them is read, and whoever put them there has to know.</summary>
/// <param name="source">The folder or archive.</param>
internal sealed class ForeignPictures(string source)
{
    private static readonly HashSet<string> Extensions = new(StringComparer.OrdinalIgnoreCase)
    {
        ".jpg", ".jpeg", ".jpe", ".jfif", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".heic", ".heif", ".avif", ".jp2", ".jxl", ".pgm", ".ppm", ".pnm", ".svg",
    };

    private string first = string.Empty;
    private int count;

    /// <summary>Sees a file's name.</summary>
    public void See(string name)
    {
        if (!Extensions.Contains(Path.GetExtension(name)))
            return;
        if (count++ == 0 || string.CompareOrdinal(name, first) < 0)
            first = name;
    }

    /// <summary>Refuses a source that has none but such pictures.</summary>
    /// <exception cref="InputException">It has; the message says what to do.</exception>
    public void RefuseAlone()
    {
        if (count > 0)
            throw new InputException(
                $"{source} holds {Counted} and no PNG, which is what is read, such as {Shown}. Convert them, for example with mogrify -format png "
                    + $"*{Path.GetExtension(first)}.");
    }

    /// <summary>How many were left out beside PNGs, a sentence, or null where none were.</summary>
    public string? Remark => count == 0 ? null
        : $"{source}: {Counted} that {(count == 1 ? "is" : "are")} no PNG left out, such as {Shown}. Convert to PNG what is to be read.";

    private string Counted => count == 1 ? "1 picture" : $"{count:N0} pictures";

    private string Shown => MessageText.OneLine(first);
}
