using System.Text.RegularExpressions;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>One instruction of a PTX kernel, or a label in front of one.</summary>
/// <param name="Text">The line as it stands.</param>
/// <param name="Guard">The register of <c>@%p1</c> or <c>@!%p1</c>, or null.</param>
/// <param name="Operation">Such as <c>setp.lt.f32</c>; empty for a label.</param>
/// <param name="Target">The label itself, or the label that a branch jumps to, or null.</param>
/// <param name="Writes">Registers it sets.</param>
/// <param name="Reads">Registers it reads, its guard not among them.</param>
public sealed partial record PtxInstruction(string Text, string? Guard, string Operation, string? Target, string[] Writes, string[] Reads)
{
    /// <summary>Whether it is a label, not an instruction.</summary>
    public bool IsLabel => Operation.Length == 0;

    /// <summary>Whether it jumps, perhaps only where its guard holds.</summary>
    public bool IsBranch => Operation is "bra" or "bra.uni";

    /// <summary>Whether a thread that comes here goes no further.</summary>
    public bool EndsThread => Operation is "ret" or "exit" && Guard is null;

    /// <summary>The instructions and labels of the one kernel in <paramref name="ptx"/>.</summary>
    public static PtxInstruction[] Of(string ptx)
    {
        string body = ptx[ptx.IndexOf(".entry", StringComparison.Ordinal)..];
        return [.. body[(body.IndexOf('{', StringComparison.Ordinal) + 1)..].Split('\n').Select(line => line.Trim()).Select(Parse).OfType<PtxInstruction>()];
    }

    private static PtxInstruction? Parse(string line)
    {
        if (Label().Match(line) is { Success: true } label)
            return new PtxInstruction(line, null, string.Empty, label.Groups["name"].Value, [], []);
        Match found = Shape().Match(line);
        if (!found.Success)
            return null;
        string operation = found.Groups["operation"].Value;
        string operands = found.Groups["operands"].Value;
        string? guard = found.Groups["guard"] is { Success: true } register ? register.Value : null;
        if (operation.StartsWith("bra", StringComparison.Ordinal))
            return new PtxInstruction(line, guard, operation, operands, [], []);

        // The first operand is the target, a list of four in braces; stores, barriers and returns have none.
        string first = NoTarget().IsMatch(operation) ? string.Empty : FirstOperand().Match(operands).Value;
        return new PtxInstruction(line, guard, operation, null, Registers(first), Registers(operands[first.Length..]));
    }

    private static string[] Registers(string text) => [.. Register().Matches(text).Select(match => match.Value)];

    [GeneratedRegex(@"^(?<name>\$?\w+):$")]
    private static partial Regex Label();

    [GeneratedRegex(@"^(?:@!?(?<guard>%p\d+)\s+)?(?<operation>[a-z][\w.:]*)\s*(?<operands>[^;]*);$")]
    private static partial Regex Shape();

    [GeneratedRegex(@"^(?:st|red|bar|membar|fence|ret|exit|call|brx)(?:\.|$)")]
    private static partial Regex NoTarget();

    [GeneratedRegex(@"^(?:\{[^}]*\}|[^,]*)")]
    private static partial Regex FirstOperand();

    // Numbered registers, and the special ones such as %tid.x.
    [GeneratedRegex(@"%[a-z]+(?:\d+|\.[xyz])?")]
    private static partial Regex Register();
}
