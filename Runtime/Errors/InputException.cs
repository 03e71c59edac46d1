namespace IlgpuVae.Runtime;

/// <summary>
/// The caller's input cannot be used: a wrong option, an unreadable or inconsistent file. The message is one or two plain
/// sentences that name what was wrong, where, and the cure; the command line prints it and exits with code 2.
/// </summary>
public sealed class InputException : Exception
{
    private readonly string text = string.Empty;

    /// <summary>Creates the error with its message; settings in it are named by <see cref="Setting.Of"/>.</summary>
    public InputException(string message) : base(Setting.InProperties(message)) => text = message;

    /// <summary>Creates the error with its message and the exception it translates.</summary>
    public InputException(string message, Exception innerException) : base(Setting.InProperties(message), innerException) => text = message;

    /// <summary>Creates the error without a message; prefer the other constructors.</summary>
    public InputException() { }

    /// <summary>The message with its settings in other words than their properties' names: of each property, and of its value or null.</summary>
    public string InWordsOf(Func<string, string?, string> words) => Setting.InWords(text, words);
}
