namespace IlgpuVae.Tests.KernelSuites;

/// <summary>
/// A PTX kernel cut into blocks of instructions that are executed one after another, and how control goes from block to block. Block 0 is the entry.
/// </summary>
public sealed class PtxBlocks
{
    /// <summary>Cuts a kernel.</summary>
    public PtxBlocks(IReadOnlyList<PtxInstruction> instructions)
    {
        List<List<PtxInstruction>> blocks = [[]];
        Dictionary<string, int> labels = [];
        foreach (PtxInstruction instruction in instructions)
        {
            bool ended = blocks[^1].Count > 0 && (instruction.IsLabel || blocks[^1][^1] is { IsBranch: true } or { EndsThread: true });
            if (ended)
                blocks.Add([]);
            if (instruction.IsLabel)
                labels[instruction.Target!] = blocks.Count - 1;
            blocks[^1].Add(instruction);
        }

        Instructions = [.. blocks.Select(block => block.ToArray())];
        Next = [.. Instructions.Select((block, i) => Successors(block[^1], i, labels).Distinct().ToArray())];
    }

    /// <summary>The blocks' instructions.</summary>
    public PtxInstruction[][] Instructions { get; }

    /// <summary>Where control goes from each block.</summary>
    public int[][] Next { get; }

    /// <summary>The loops: sets of blocks from which the first of them is reached again, without leaving the set.</summary>
    public IReadOnlyList<HashSet<int>> Loops()
    {
        PtxDominators dominators = new(Next, 0);
        Dictionary<int, HashSet<int>> loops = [];
        for (int from = 0; from < Next.Length; from++)
        {
            foreach (int header in Next[from].Where(to => dominators.Reaches(from) && dominators.Dominates(to, from)))
            {
                HashSet<int> body = loops.TryGetValue(header, out HashSet<int>? known) ? known : loops[header] = [header];
                Stack<int> open = new([from]);
                while (open.TryPop(out int block))
                {
                    if (body.Add(block))
                        Array.ForEach(dominators.Before(block), open.Push);
                }
            }
        }

        return [.. loops.Values];
    }

    private IEnumerable<int> Successors(PtxInstruction last, int block, Dictionary<string, int> labels)
    {
        if (last.Operation.StartsWith("brx", StringComparison.Ordinal) || last.Operation.StartsWith("call", StringComparison.Ordinal))
            throw new NotSupportedException($"what follows `{last.Text}` is not known");
        if (last.IsBranch)
            yield return labels[last.Target!];
        bool falls = !last.EndsThread && !(last.IsBranch && last.Guard is null);
        if (falls && block + 1 < Instructions.Length)
            yield return block + 1;
    }
}
