using IlgpuVae.Runtime;

namespace IlgpuVae.Training;

/// <summary>The work itself failed, through no fault of the call: the loss left the finite numbers. Exit code 1.</summary>
public sealed class TrainingFailedException : Exception
{
    private readonly string text = string.Empty;

    /// <summary>Creates the error with its message; settings in it are named by <see cref="Setting.Of"/>.</summary>
    public TrainingFailedException(string message) : base(Setting.InProperties(message)) => text = message;

    /// <summary>Creates the error with its message and its cause.</summary>
    public TrainingFailedException(string message, Exception innerException) : base(Setting.InProperties(message), innerException) => text = message;

    /// <summary>Creates the error without a message; prefer the other constructors.</summary>
    public TrainingFailedException() { }

    /// <summary>The message with its settings in other words than their properties' names: of each property, and of its value or null.</summary>
    public string InWordsOf(Func<string, string?, string> words) => Setting.InWords(text, words);
}
