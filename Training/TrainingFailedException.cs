namespace IlgpuVae.Training;

/// <summary>The work itself failed, through no fault of the call: the loss left the finite numbers. Exit code 1.</summary>
public sealed class TrainingFailedException : Exception
{
    /// <summary>Creates the error with its message.</summary>
    public TrainingFailedException(string message) : base(message) { }

    /// <summary>Creates the error with its message and its cause.</summary>
    public TrainingFailedException(string message, Exception innerException) : base(message, innerException) { }

    /// <summary>Creates the error without a message; prefer the other constructors.</summary>
    public TrainingFailedException() { }
}
