using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace IlgpuVae.Tests.Readme;

/// <summary>The README's C# program, compiled and run word for word.</summary>
public partial class ReadmeProgramTests
{
    private const int LongestProgram = 40;

    [Test]
    public void Program_FitsInFortyLines() => Assert.That(Program().Split('\n'), Has.Length.LessThan(LongestProgram));

    [Test]
    public void Program_CompilesRunsAndLearns()
    {
        using MemoryStream assembly = new();
        CSharpCompilation compilation = CSharpCompilation.Create(
            "ReadmeProgram",
            [CSharpSyntaxTree.ParseText("global using System;\n" + Program())],
            References(),
            new CSharpCompilationOptions(OutputKind.ConsoleApplication));
        Microsoft.CodeAnalysis.Emit.EmitResult result = compilation.Emit(assembly);
        Assert.That(result.Success, string.Join('\n', result.Diagnostics));

        TextWriter console = Console.Out;
        using StringWriter output = new(CultureInfo.InvariantCulture);
        Console.SetOut(output);
        try
        {
            Assembly.Load(assembly.ToArray()).EntryPoint!.Invoke(null, [Array.Empty<string>()]);
        }
        finally
        {
            Console.SetOut(console);
        }

        Match printed = Printed().Match(output.ToString());
        Assert.That(printed.Success, $"the program printed: {output}");
        double reached = double.Parse(printed.Groups[1].Value, CultureInfo.InvariantCulture);
        double best = double.Parse(printed.Groups[2].Value, CultureInfo.InvariantCulture);

        // An untrained model stands at 256 pixels * log 2 = 177 nats below 0.
        Assert.That(reached, Is.GreaterThan(best - 25).And.LessThanOrEqualTo(best + 1));
    }

    private static string Program() => CodeBlock().Match(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "README.md"))).Groups[1].Value;

    private static IEnumerable<MetadataReference> References() =>
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path));

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"(-?\d+\.\d+) of (-?\d+\.\d+) nats")]
    private static partial Regex Printed();
}
