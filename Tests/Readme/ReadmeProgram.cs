using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace IlgpuVae.Tests.Readme;

/// <summary>C# programs that stand in the README.</summary>
internal static partial class ReadmeProgram
{
    /// <summary>The first one that says <paramref name="word"/>.</summary>
    internal static string With(string word) =>
        CodeBlock().Matches(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "README.md"))).Select(match => match.Groups[1].Value)
            .First(program => program.Contains(word, StringComparison.Ordinal));

    /// <summary>A program as an assembly that refers to all that these tests refer to, and to <paramref name="more"/>.</summary>
    internal static byte[] Compile(string program, IEnumerable<string> more)
    {
        using MemoryStream assembly = new();
        Microsoft.CodeAnalysis.Emit.EmitResult result = CSharpCompilation.Create(
            "ReadmeProgram",
            [CSharpSyntaxTree.ParseText(program)],
            ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Concat(more)
                .Select(path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(OutputKind.ConsoleApplication)).Emit(assembly);
        Assert.That(result.Success, string.Join('\n', result.Diagnostics));
        return assembly.ToArray();
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
