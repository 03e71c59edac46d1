namespace IlgpuVae.Training.Data;

/// <summary>Text from a file as a message shows it: on one line.</summary>
internal static class Shown
{
    private const int Longest = 40;

    /// <summary>The first 40 characters of a value.</summary>
    public static string Text(ReadOnlySpan<char> text) =>
        Name(new string(text[..Math.Min(text.Length, Longest)])) + (text.Length > Longest ? "..." : "");

    /// <summary>A name in full: it is the place to look.</summary>
    public static string Name(string name) => string.Concat(name.Select(c => char.IsControl(c) ? '?' : c));
}
