namespace IlgpuVae.Training.CommandLine;

/// <summary>What the process returns.</summary>
internal static class ExitCode
{
    internal const int Success = 0;

    /// <summary>The work failed.</summary>
    internal const int Failure = 1;

    /// <summary>A wrong call or unreadable input.</summary>
    internal const int WrongInput = 2;
}
