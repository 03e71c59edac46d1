using System.Text.RegularExpressions;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>What is wrong with a compiled kernel, read from its text.</summary>
public static partial class CompiledText
{
    // The OpenCL C built-ins that kernels here rely on. All of them exist in OpenCL C 2.0 and in every 3.0 device that ILGPU accepts.
    private static readonly HashSet<string> OpenClBuiltIns =
    [
        "get_group_id", "get_local_id", "get_num_groups", "get_local_size", "get_global_id", "get_global_size", "work_group_barrier",
        "fma", "min", "max", "sqrt", "as_float", "as_int", "as_uint", "isnan", "isinf",
    ];

    private static readonly HashSet<string> OpenClStatements = ["if", "for", "while", "switch", "return", "sizeof", "__attribute__", "reqd_work_group_size"];

    /// <summary>Reasons why this PTX would be slow or would not load.</summary>
    public static IEnumerable<string> PtxFaults(string ptx)
    {
        foreach (string line in Lines(ptx))
        {
            if (PtxDouble().IsMatch(line))
                yield return "double precision: " + line;
            if (line.Contains(".extern", StringComparison.Ordinal) && !line.Contains(".shared", StringComparison.Ordinal))
                yield return "unresolved: " + line;
        }

        HashSet<string> defined = [.. PtxFunction().Matches(ptx).Select(match => match.Groups["name"].Value)];
        foreach (Match call in PtxCall().Matches(ptx))
        {
            if (!defined.Contains(call.Groups["name"].Value))
                yield return "call of an undefined function: " + call.Groups["name"].Value;
        }
    }

    /// <summary>Whether this PTX keeps variables in local memory, which is memory of the device, not registers.</summary>
    public static bool UsesLocalMemory(string ptx) => PtxLocal().IsMatch(ptx);

    /// <summary>
    /// Comparisons that hold where one side is not a number, and choose a number, not a way: C# has none. Branches have them, where the code that is jumped
    /// over is that of the ordered comparison.
    /// </summary>
    public static IEnumerable<string> UnorderedChoices(string ptx)
    {
        PtxInstruction[] instructions = PtxInstruction.Of(ptx);
        foreach (PtxInstruction comparison in instructions.Where(instruction => PtxUnordered().IsMatch(instruction.Operation)))
        {
            string predicate = comparison.Writes[0];
            foreach (PtxInstruction use in instructions.Where(use => use.Reads.Contains(predicate) || (use.Guard == predicate && !use.IsBranch)))
                yield return $"{comparison.Text} for {use.Text}";
        }
    }

    /// <summary>Reasons why this OpenCL C would not build on every device.</summary>
    public static IEnumerable<string> OpenClFaults(string source)
    {
        foreach (string line in Lines(source).Where(line => !line.StartsWith("//", StringComparison.Ordinal)))
        {
            if (CDouble().IsMatch(line))
                yield return "double precision: " + line;
            if (CShort().IsMatch(line))
                yield return "sixteen bits: " + line;
        }

        HashSet<string> defined = [.. CFunction().Matches(source).Select(match => match.Groups["name"].Value)];
        IEnumerable<string> called = CCall().Matches(source).Select(match => match.Groups["name"].Value).Distinct();
        foreach (string name in called.Where(name => !defined.Contains(name) && !OpenClBuiltIns.Contains(name) && !OpenClStatements.Contains(name)))
            yield return "call of an undefined function: " + name;
    }

    private static IEnumerable<string> Lines(string text) => text.Split('\n').Select(line => line.Trim());

    [GeneratedRegex(@"\.f64\b")]
    private static partial Regex PtxDouble();

    [GeneratedRegex(@"\.local\b")]
    private static partial Regex PtxLocal();

    [GeneratedRegex(@"^setp\.(?:ltu|gtu|leu|geu|equ)\.")]
    private static partial Regex PtxUnordered();

    // .visible .func (.param .b32 result) name(   followed by a body, not by a semicolon.
    [GeneratedRegex(@"\.func\s+(\([^)]*\)\s*)?(?<name>[\w$]+)\s*\([^)]*\)\s*\{")]
    private static partial Regex PtxFunction();

    [GeneratedRegex(@"\bcall(\.uni)?\s+(\([^)]*\),\s*)?(?<name>[\w$]+)")]
    private static partial Regex PtxCall();

    [GeneratedRegex(@"\bdouble\d*\b")]
    private static partial Regex CDouble();

    [GeneratedRegex(@"\bu?short\d*\b")]
    private static partial Regex CShort();

    // A function, or a macro with arguments.
    [GeneratedRegex(@"#define\s+(?<name>\w+)\(|\b(?<name>[A-Za-z_]\w*)\s*\([^();]*\)\s*\{")]
    private static partial Regex CFunction();

    [GeneratedRegex(@"(?<![\w.])(?<name>[A-Za-z_]\w*)\s*\(")]
    private static partial Regex CCall();
}
