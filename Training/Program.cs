using System.CommandLine;
using IlgpuVae.Runtime;
using IlgpuVae.Training.CommandLine;

namespace IlgpuVae.Training;

/// <summary>The command line: <c>ilgpu-vae</c>.</summary>
internal static class Program
{
    internal static int Main(string[] arguments)
    {
        Option<bool> json = new("--json") { Description = "print the result as JSON on standard output" };
        Option<bool> verbose = new("--verbose") { Description = "show the stack trace of an error", Recursive = true };
        RootCommand root = new("Train variational autoencoders with categorical latents on CUDA, OpenCL and CPU.")
        {
            TrainCommand.Create(json), UseCommands.Evaluate(json), UseCommands.Sample(), UseCommands.Reconstruct(), DevicesCommand.Create(json), verbose,
        };
        ParseResult call = root.Parse(arguments);
        if (call.Errors.Count > 0)
        {
            Console.Error.WriteLine($"{call.Errors[0].Message} `ilgpu-vae {call.CommandResult.Command.Name} --help` lists what there is.");
            return ExitCode.WrongInput;
        }

        try
        {
            return call.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (InputException error)
        {
            return Fail(error, ExitCode.WrongInput, call.GetValue(verbose));
        }
        catch (TrainingFailedException error)
        {
            return Fail(error, ExitCode.Failure, call.GetValue(verbose));
        }
    }

    private static int Fail(Exception error, int code, bool verbose)
    {
        Console.Error.WriteLine(verbose ? error.ToString() : error.Message);
        return code;
    }
}
