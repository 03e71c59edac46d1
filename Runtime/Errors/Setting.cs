using System.Text.RegularExpressions;

namespace IlgpuVae.Runtime;

/// <summary>
/// A setting named in the text of an error, by its property: a .NET caller reads the property, and a program with words of its own, such as options on a
/// command line, puts those in its place (<see cref="InputException.InWordsOf"/>).
/// </summary>
public static partial class Setting
{
    /// <summary>A property, or the property at a value, for the text of an <see cref="InputException"/>.</summary>
    public static string Of(string property, object? value = null) =>
        value is null ? $"\u27e6{property}\u27e7" : FormattableString.Invariant($"\u27e6{property}={value}\u27e7");

    /// <summary>The text with each setting as a .NET caller knows it.</summary>
    public static string InProperties(string text) => InWords(text, (property, value) => value is null ? property : $"{property} = {value}");

    /// <summary>The text with each setting in other words: of its property, and of its value or null.</summary>
    public static string InWords(string text, Func<string, string?, string> words) =>
        Named().Replace(text, found => words(found.Groups[1].Value, found.Groups[2].Success ? found.Groups[2].Value : null));

    [GeneratedRegex("\u27e6([^=\u27e7]*)(?:=([^\u27e7]*))?\u27e7")]
    private static partial Regex Named();
}
