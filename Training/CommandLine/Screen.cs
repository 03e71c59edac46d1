using Spectre.Console;

namespace IlgpuVae.Training.CommandLine;

/// <summary>Where a command writes for people.</summary>
internal static class Screen
{
    // Wide enough for any line: a file or a pipe has no edge to break lines at.
    private const int Unbroken = 1000;

    internal static IAnsiConsole On(TextWriter writer)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
        if (!console.Profile.Out.IsTerminal)
            console.Profile.Width = Unbroken;
        return console;
    }
}
