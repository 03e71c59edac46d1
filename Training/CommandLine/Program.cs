using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using IlgpuVae.Runtime;
using IlgpuVae.Training.CommandLine;

namespace IlgpuVae.Training;

/// <summary>The command line: <c>ilgpu-vae</c>.</summary>
internal static class Program
{
    internal static int Main(string[] arguments) => Run(arguments, Console.Out, Console.Error);

    /// <summary>Does what the arguments ask for and returns the process's exit code.</summary>
    internal static int Run(string[] arguments, TextWriter output, TextWriter error)
    {
        Option<bool> json = new("--json") { Description = "print the result as JSON on standard output, and nothing else there" };
        Option<bool> verbose = new("--verbose") { Description = "show the stack trace of an error", Recursive = true };
        RootCommand root = new("Train variational autoencoders with categorical latents on CUDA, OpenCL and CPU.")
        {
            TrainCommand.Create(json), UseCommands.Evaluate(json), SampleCommand.Create(), UseCommands.Reconstruct(),
                EncodeCommand.Create(), DecodeCommand.Create(), PredictCommand.Create(), CodesCommand.Create(), AuditCommand.Create(json),
                DevicesCommand.Create(json), verbose,
        };

        // Nothing asked for is no mistake: show what there is to ask for. An argument that starts with @ is a name like any other.
        ParseResult call = root.Parse(arguments.Length == 0 ? ["--help"] : arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (WrongCall.Find(call) is { } wrong)
        {
            error.WriteLine(wrong);
            return ExitCode.WrongInput;
        }

        return Invoke(call, output, error, call.GetValue(verbose));
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification =
        "The last line of defence: whatever else goes wrong, the user gets a sentence and exit code 1, and the trace on request.")]
    private static int Invoke(ParseResult call, TextWriter output, TextWriter error, bool verbose)
    {
        try
        {
            return call.Invoke(
                new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (InputException wrong)
        {
            error.WriteLine(verbose ? wrong.ToString() : OptionWords.Of(wrong));
            return ExitCode.WrongInput;
        }
        catch (TrainingFailedException failure)
        {
            error.WriteLine(verbose ? failure.ToString() : OptionWords.Of(failure));
            return ExitCode.Failure;
        }
        catch (Exception failure)
        {
            string what = failure is IOException or UnauthorizedAccessException
                ? "A file could not be read or written"
                : $"The work failed ({failure.GetType().Name})";
            error.WriteLine(verbose ? failure.ToString() : $"{what}: {Sentence(failure.Message)} Add --verbose to see where.");
            return ExitCode.Failure;
        }
    }

    private static string Sentence(string message) => message.ReplaceLineEndings(" ").TrimEnd('.', ' ') + ".";
}
