using System.Globalization;
using System.Text.Json;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.CommandLine;

/// <summary>Errors in the command line's words: a setting that is a property in .NET is an option here.</summary>
internal static class OptionWords
{
    /// <summary>The message of an error with options in the place of properties.</summary>
    internal static string Of(InputException error) => error.InWordsOf(Word);

    /// <summary>A text that names settings, likewise.</summary>
    internal static string In(string text) => Setting.InWords(text, Word);

    /// <summary>The message of a training that failed, likewise.</summary>
    internal static string Of(TrainingFailedException error) => error.InWordsOf(Word);

    /// <summary>The option that a property is.</summary>
    internal static string Of(string property) => Word(property, null);

    private static string Word(string property, string? value) => (property, value) switch
    {
        ("OneLogit", "True") => "--logits one",
        ("OneLogit", _) => "--logits two",
        ("Tuned", _) => "--tune-control",
        ("ContextWidth", _) => "--condition",
        ("DeviceSurvey", _) => "`ilgpu-vae devices`",
        ("checkpoint", _) => $"--resume {value}",
        ("options", _) => $"`ilgpu-vae train --config {value}`",
        (_, null) => $"--{Kebab(property)}",
        _ => $"--{Kebab(property)} {(IsMember(value) ? Kebab(value) : value)}",
    };

    // A member of an enumeration, such as OneHot; NaN and Infinity are numbers.
    private static bool IsMember(string value) =>
        value.Length > 0 && char.IsAsciiLetterUpper(value[0]) && !double.TryParse(value, CultureInfo.InvariantCulture, out _);

    private static string Kebab(string word) => JsonNamingPolicy.KebabCaseLower.ConvertName(word);
}
