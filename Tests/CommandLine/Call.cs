using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using IlgpuVae.Training;

namespace IlgpuVae.Tests.CommandLine;

/// <summary>A call of the program and what came of it.</summary>
internal sealed record Call(int Code, string Output, string Error)
{
    private const int Longest = 60_000;

    /// <summary>The device these tests train on where they do not say otherwise: the one that is everywhere.</summary>
    internal const string Device = "cpu";

    /// <summary>A training call that takes a moment.</summary>
    internal static string[] Tiny(string folder, int steps, params string[] more) =>
    [
        "train", "--data", TinyData, "--encoder", "16", "--decoder", "16", "--categories", "4", "--batch", "32", "--device", Device,
        "--out", folder, "--steps", steps.ToString(CultureInfo.InvariantCulture), .. more,
    ];

    internal const string TinyData = "glyphs:prototypes=4,size=8,train=256,valid=64,test=96";

    /// <summary>Calls the program in this process.</summary>
    internal static Call Here(params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        int code = Program.Run(arguments, output, error);
        return new Call(code, output.ToString(), error.ToString());
    }

    /// <summary>Calls the built program as a user does, in a process of its own.</summary>
    internal static Call Apart(string folder, params string[] arguments)
    {
        using Process process = Start(folder, arguments);
        return End(process);
    }

    /// <summary>The same with a variable set in its environment.</summary>
    internal static Call Apart(string folder, (string Name, string Value) variable, params string[] arguments)
    {
        using Process process = StartUnder(new Dictionary<string, string> { [variable.Name] = variable.Value }, folder, arguments);
        return End(process);
    }

    /// <summary>Starts the built program with <paramref name="folder"/> as its current directory.</summary>
    internal static Process Start(string folder, params string[] arguments) => StartUnder(new Dictionary<string, string>(), folder, arguments);

    /// <summary>The same with some environment variables set.</summary>
    internal static Process StartUnder(IReadOnlyDictionary<string, string> environment, string folder, params string[] arguments)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "ilgpu-vae.dll");
        string dotnet = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";
        ProcessStartInfo start = new(dotnet, [program, .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Waits for a started program.</summary>
    internal static Call End(Process process)
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Longest))
        {
            process.Kill();
            Assert.Fail($"The program was still running after {Longest / 1000} s.");
        }

        return new Call(process.ExitCode, output.Result, error.Result);
    }

    /// <summary>Waits until <paramref name="what"/> is so while the process runs.</summary>
    internal static void Await(Process process, Func<bool> what)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (!what())
        {
            Assert.That(process.HasExited, Is.False, "the program ended before what was waited for");
            Assert.That(watch.ElapsedMilliseconds, Is.LessThan(Longest), "waited too long");
            Thread.Sleep(5);
        }
    }

    /// <summary>Sends a signal by its Unix number.</summary>
    internal static void Signal(Process process, int signal) => Assert.That(SendSignal(process.Id, signal), Is.Zero);

    /// <summary>This call, having checked that it worked.</summary>
    internal Call Worked()
    {
        Assert.That(Code, Is.Zero, Error);
        return this;
    }

    /// <summary>Standard output as JSON.</summary>
    internal JsonNode Json => JsonNode.Parse(Output)!;

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int process, int signal);
}
