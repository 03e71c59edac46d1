using System.Text.RegularExpressions;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>
/// The innermost loop of a PTX kernel that does its multiply-adds: the one block of code that jumps back to its own label and holds most of them.
/// </summary>
public sealed partial class PtxLoop
{
    private const string MultiplyAdd = "fma.rn.f32";

    private readonly string before, after;
    private readonly string[] instructions;

    private PtxLoop(string before, string block, string after)
    {
        (this.before, this.after) = (before, after);
        instructions = [.. block.Split('\n').Select(line => line.Trim()).Where(line => line.EndsWith(';'))];
    }

    /// <summary>Multiply-adds, an instruction each.</summary>
    public int MultiplyAdds => instructions.Count(line => line.StartsWith(MultiplyAdd, StringComparison.Ordinal));

    /// <summary>
    /// All other instructions, without the moves: those carry what the next round needs from one name to another, and both names get one register.
    /// </summary>
    public int Others => instructions.Count(line => !line.StartsWith("mov.", StringComparison.Ordinal)) - MultiplyAdds;

    /// <summary>128-bit reads of shared memory.</summary>
    public int SharedReads => instructions.Count(line => line.StartsWith("ld.shared.v4.f32", StringComparison.Ordinal));

    /// <summary>Any other access to memory, and barriers.</summary>
    public IEnumerable<string> OtherAccesses =>
        instructions.Where(line => Access().IsMatch(line) && !line.StartsWith("ld.shared.v4.f32", StringComparison.Ordinal));

    /// <summary>
    /// Registers that hold numbers at the worst place, if the instructions stay in this order, those included that are kept across the loop. Addresses and
    /// counters come on top: how many, the driver's assembler decides, which need not keep what it can read again or compute again.
    /// </summary>
    public int LiveNumbers
    {
        get
        {
            // What is read behind the loop before it is written there, as far as the text's order tells, and written before or in it; and what a round hands to
            // the next.
            HashSet<string> known = [.. Registers(before), .. Registers(string.Join('\n', instructions))];
            HashSet<string> live = [.. FirstReads(after.Split('\n')).Where(known.Contains), .. FirstReads(instructions)];
            int most = 0;
            foreach (string line in instructions.Reverse())
            {
                live.ExceptWith(Targets(line));
                live.UnionWith(Sources(line));
                most = Math.Max(most, live.Count(register => register.StartsWith("%f", StringComparison.Ordinal)));
            }

            return most;
        }
    }

    /// <summary>The rest of the kernel in front of the loop and behind it.</summary>
    public (string Before, string After) Surroundings => (before, after);

    /// <summary>Finds the loop.</summary>
    public static PtxLoop Find(string ptx)
    {
        Match found = Loop().Matches(ptx).MaxBy(match => CountMultiplyAdds(match.Value))
            ?? throw new InvalidOperationException("there is no loop of one block");
        return new PtxLoop(ptx[..found.Index], found.Value, ptx[(found.Index + found.Length)..]);
    }

    private static int CountMultiplyAdds(string text) => text.Split(MultiplyAdd).Length;

    private static HashSet<string> FirstReads(IEnumerable<string> lines)
    {
        HashSet<string> reads = [], written = [];
        foreach (string line in lines)
        {
            reads.UnionWith(Sources(line).Where(register => !written.Contains(register)));
            written.UnionWith(Targets(line));
        }

        return reads;
    }

    // The first operand is the target, a list of four in braces; stores, jumps and barriers have none.
    private static IEnumerable<string> Targets(string line) => Stores().IsMatch(line) ? [] : Registers(Target().Match(line).Value);

    private static IEnumerable<string> Sources(string line) => Stores().IsMatch(line) ? Registers(line) : Registers(line[Target().Match(line).Length..]);

    private static IEnumerable<string> Registers(string text) => Register().Matches(text).Select(match => match.Value);

    // A label, code without another label, and the jump back.
    [GeneratedRegex(@"^\s*(?<label>L_\d+):\s*\n(?:(?!\s*L_\d+:).*\n)*?\s*bra(?:\.uni)?\s+\k<label>;", RegexOptions.Multiline)]
    private static partial Regex Loop();

    [GeneratedRegex(@"^(?:ld|st|atom|red|bar)\.(?!param)")]
    private static partial Regex Access();

    [GeneratedRegex(@"^\s*(?:st\.|bra|@|bar\.|ret)")]
    private static partial Regex Stores();

    [GeneratedRegex(@"^\s*[a-z][\w.]*\s+(?:\{[^}]*\}|[^,;]*)")]
    private static partial Regex Target();

    [GeneratedRegex(@"%(?:rd|r|f|p)\d+")]
    private static partial Regex Register();
}
