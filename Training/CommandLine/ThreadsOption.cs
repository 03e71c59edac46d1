using System.CommandLine;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.CommandLine;

/// <summary>
/// <c>--threads</c>, for every command that computes. It is about the machine and not about the run: no number of threads changes a bit of what comes out, so a
/// run may go on with another.
/// </summary>
internal static class ThreadsOption
{
    internal const string Name = "--threads";

    internal static Option<int?> Create() =>
        new(Name) { Description = "threads of the processor, for --device cpu; one for each that the process may use when left out" };

    /// <summary>How many the call asks for, or null.</summary>
    internal static int? Of(ParseResult call, Option<int?> option) => call.GetValue(option) switch
    {
        < 1 and { } few => throw new InputException($"{Name} is {few}, and has to be at least 1."),
        var threads => threads,
    };
}
