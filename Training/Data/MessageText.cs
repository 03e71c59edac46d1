namespace IlgpuVae.Training.Data;

/// <summary>Text from a file as a message shows it: on one line.</summary>
internal static class MessageText
{
    private const int Longest = 40;

    /// <summary>The first 40 characters of a value.</summary>
    public static string Excerpt(ReadOnlySpan<char> text) =>
        OneLine(new string(text[..Math.Min(text.Length, Longest)])) + (text.Length > Longest ? "..." : "");

    /// <summary>The first of some texts, and how many more there are.</summary>
    public static string List(IReadOnlyList<string> texts, int most, string rest = "more") =>
        string.Join(", ", texts.Take(most)) + (texts.Count > most ? $" and {texts.Count - most} {rest}" : string.Empty);

    /// <summary>A name in full: it is the place to look.</summary>
    public static string OneLine(string name) => string.Concat(name.Select(c => char.IsControl(c) ? '?' : c));
}
