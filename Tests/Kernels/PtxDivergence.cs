namespace IlgpuVae.Tests.KernelSuites;

/// <summary>
/// Finds branches that PTX calls uniform (<c>bra.uni</c>: all threads of a warp that are here go the same way) although its threads may differ. A number
/// differs where it comes of a thread's own index or of such a number; where threads that went different ways meet and brought different numbers along; and
/// behind a loop that threads left after different numbers of rounds.
/// </summary>
public sealed class PtxDivergence
{
    // What differs from thread to thread by itself.
    private static readonly string[] Sources = ["%tid", "%laneid", "%lanemask", "%clock"];

    private static readonly string[] Atomic = ["atom"];
    private static readonly string[] Reading = ["ld.global", "ld.shared", "ld.local", "atom", "shfl", "vote", "match"];

    private readonly PtxBlocks blocks;
    private readonly PtxDominators dominators;
    private readonly List<Loop> loops;
    private readonly HashSet<Loop> unevenLoops = [];
    private readonly HashSet<int> meetings = [], divergent = [];
    private readonly List<Value> values = [];
    private readonly Dictionary<PtxInstruction, int> conditions = new(ReferenceEqualityComparer.Instance);

    private PtxDivergence(string ptx)
    {
        blocks = new PtxBlocks(PtxInstruction.Of(ptx));
        dominators = new PtxDominators(blocks.Next, 0);
        NameValues();
        loops = [.. blocks.Loops().Select(inside => new Loop(inside, ChangingIn(inside)))];
        Spread();
    }

    /// <summary>The branches that are called uniform and need not be.</summary>
    public static string[] WronglyUniform(string ptx)
    {
        PtxDivergence kernel = new(ptx);
        return
        [
            .. kernel.Branches().Where(branch => branch.Instruction.Operation == "bra.uni" && kernel.Differs(branch)).Select(branch => branch.Instruction.Text),
        ];
    }

    // A number that a block computes, or that reaches it in one register along different ways; read from memory or from other threads, it may be another one
    // every time.
    private sealed record Value(int Block, bool Merged, bool Read)
    {
        internal List<int> From { get; } = [];
    }

    // A loop's blocks, and the numbers computed in it that may change from round to round.
    private sealed record Loop(HashSet<int> Blocks, HashSet<int> Changing);

    private IEnumerable<(PtxInstruction Instruction, int Block)> Branches() =>
        from block in dominators.Order()
        from instruction in blocks.Instructions[block]
        where instruction is { IsBranch: true, Guard: not null }
        select (instruction, block);

    private bool Differs((PtxInstruction Instruction, int Block) branch) => Differs(conditions[branch.Instruction], branch.Block);

    private bool Differs(int value, int usedIn) =>
        divergent.Contains(value) || unevenLoops.Any(loop => loop.Changing.Contains(value) && !loop.Blocks.Contains(usedIn));

    private HashSet<int> ChangingIn(HashSet<int> inside)
    {
        int[] computed = [.. Enumerable.Range(0, values.Count).Where(i => inside.Contains(values[i].Block))];
        HashSet<int> changing = [.. computed.Where(i => values[i].Merged || values[i].Read)];
        for (int before = -1; before != changing.Count;)
        {
            before = changing.Count;
            changing.UnionWith(computed.Where(i => values[i].From.Exists(changing.Contains)).ToArray());
        }

        return changing;
    }

    // Gives every assignment a name of its own, and one to what a register holds where ways with different assignments meet (static single assignment).
    private void NameValues()
    {
        values.Add(new Value(0, false, false));
        Dictionary<string, int>[] atEnd = new Dictionary<string, int>[blocks.Next.Length];
        Dictionary<(int Block, string Register), int> merged = [];
        foreach ((string register, HashSet<int> places) in Merges())
        {
            foreach (int block in places)
                merged[(block, register)] = Add(new Value(block, true, false));
        }

        ILookup<int, (string Register, int Value)> here = merged.ToLookup(entry => entry.Key.Block, entry => (entry.Key.Register, entry.Value));
        foreach (int block in dominators.Order())
        {
            Dictionary<string, int> known = block == 0 ? [] : new(atEnd[dominators.Parent(block)]);
            foreach ((string register, int value) in here[block])
                known[register] = value;
            foreach (PtxInstruction instruction in blocks.Instructions[block])
                Execute(instruction, block, known);
            atEnd[block] = known;
        }

        // What a register was never given on one of the ways is value 0, the same for all.
        foreach (((int block, string register), int value) in merged)
            values[value].From.AddRange(dominators.Before(block).Select(from => atEnd[from].GetValueOrDefault(register)));
    }

    private void Execute(PtxInstruction instruction, int block, Dictionary<string, int> known)
    {
        if (instruction is { IsBranch: true, Guard: { } condition })
            conditions[instruction] = known[condition];
        IEnumerable<string> read = instruction.Reads;
        if (instruction.Guard is { } guard)
            read = [.. read, guard, .. instruction.Writes.Where(known.ContainsKey)];
        // All that is written comes of all that was read, and of nothing that the same instruction wrote.
        int[] from = [.. read.Select(register => known.GetValueOrDefault(register))];
        bool own = read.Any(register => StartsWithAny(register, Sources)) || StartsWithAny(instruction.Operation, Atomic);
        foreach (string register in instruction.Writes)
        {
            Value value = new(block, false, StartsWithAny(instruction.Operation, Reading));
            value.From.AddRange(from);
            known[register] = Add(value);
            if (own)
                divergent.Add(known[register]);
        }
    }

    private static bool StartsWithAny(string text, string[] beginnings) =>
        Array.Exists(beginnings, beginning => text.StartsWith(beginning, StringComparison.Ordinal));

    private int Add(Value value)
    {
        values.Add(value);
        return values.Count - 1;
    }

    // The blocks where ways with different assignments of a register meet: the iterated dominance frontier of the blocks that assign it.
    private Dictionary<string, HashSet<int>> Merges()
    {
        HashSet<int>[] frontier = [.. blocks.Next.Select(_ => new HashSet<int>())];
        foreach (int block in dominators.Order().Where(block => dominators.Before(block).Length > 1))
        {
            foreach (int from in dominators.Before(block))
            {
                for (int at = from; at != dominators.Parent(block); at = dominators.Parent(at))
                    frontier[at].Add(block);
            }
        }

        Dictionary<string, HashSet<int>> merges = [];
        foreach (
            var assigned in dominators.Order().SelectMany(block => blocks.Instructions[block].SelectMany(i => i.Writes).Select(register => (register, block)))
                .GroupBy(pair => pair.register))
        {
            HashSet<int> found = [];
            Stack<int> open = new(assigned.Select(pair => pair.block));
            while (open.TryPop(out int block))
            {
                foreach (int place in frontier[block].Where(found.Add))
                    open.Push(place);
            }

            merges[assigned.Key] = found;
        }

        return merges;
    }

    // Differences make branches diverge, and those make new differences, until nothing more is found.
    private void Spread()
    {
        for (int before = -1; before != divergent.Count + meetings.Count + unevenLoops.Count;)
        {
            before = divergent.Count + meetings.Count + unevenLoops.Count;
            for (int i = 0; i < values.Count; i++)
            {
                bool mixed = values[i].Merged && meetings.Contains(values[i].Block) && values[i].From.Distinct().Count() > 1;
                if (mixed || values[i].From.Exists(from => Differs(from, values[i].Block)))
                    divergent.Add(i);
            }

            foreach ((PtxInstruction Instruction, int Block) branch in Branches().Where(Differs))
            {
                meetings.UnionWith(Meetings(branch.Block));
                unevenLoops.UnionWith(
                    loops.Where(loop => loop.Blocks.Contains(branch.Block) && blocks.Next[branch.Block].Any(to => !loop.Blocks.Contains(to))));
            }
        }
    }

    // Where the ways out of a block meet for the first time: blocks that no other block lies in front of on all ways, and that more than one way leads to from
    // outside.
    private IEnumerable<int> Meetings(int block)
    {
        PtxDominators ways = new(blocks.Next, block);
        return ways.Order().Where(place => place != block && ways.Parent(place) == block && ways.Before(place).Count(from => !ways.Dominates(place, from)) > 1);
    }
}
