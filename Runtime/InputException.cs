namespace IlgpuVae.Runtime;

/// <summary>
/// The caller's input cannot be used: a wrong option, an unreadable or inconsistent file. The message is one or two plain
/// sentences that name what was wrong, where, and the cure; the command line prints it and exits with code 2.
/// </summary>
public sealed class InputException : Exception
{
    /// <summary>Creates the error with its message.</summary>
    public InputException(string message) : base(message) { }

    /// <summary>Creates the error with its message and the exception it translates.</summary>
    public InputException(string message, Exception innerException) : base(message, innerException) { }

    /// <summary>Creates the error without a message; prefer the other constructors.</summary>
    public InputException() { }
}
